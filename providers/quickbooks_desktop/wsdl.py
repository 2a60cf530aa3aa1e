"""Our WSDL, made from the table of operations: document/literal wrapped, with a SOAP 1.1 and a SOAP 1.2 binding."""

from lxml import etree

from providers.quickbooks_desktop.operations import NAMESPACE, OPERATIONS, Operation, Result

WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
BINDINGS = {
    "Soap": "http://schemas.xmlsoap.org/wsdl/soap/",
    "Soap12": "http://schemas.xmlsoap.org/wsdl/soap12/",
}
HTTP = "http://schemas.xmlsoap.org/soap/http"
SERVICE = "InBuildSync"


def wsdl(address: str) -> bytes:
    """The description of the service that answers at ``address``."""
    prefixes = {"wsdl": WSDL, "xs": SCHEMA, "tns": NAMESPACE, "soap": BINDINGS["Soap"], "soap12": BINDINGS["Soap12"]}
    root = etree.Element(f"{{{WSDL}}}definitions", nsmap=prefixes, targetNamespace=NAMESPACE)
    published = [operation for operation in OPERATIONS.values() if operation.is_published]
    _types(root, published)
    for operation in published:
        for part, element in (("In", operation.name), ("Out", f"{operation.name}Response")):
            message = _wsdl(root, "message", name=f"{operation.name}{part}")
            _wsdl(message, "part", name="parameters", element=f"tns:{element}")
    port_type = _wsdl(root, "portType", name=SERVICE)
    for operation in published:
        described = _wsdl(port_type, "operation", name=operation.name)
        _wsdl(described, "input", message=f"tns:{operation.name}In")
        _wsdl(described, "output", message=f"tns:{operation.name}Out")
    for suffix, namespace in BINDINGS.items():
        _binding(root, f"{SERVICE}{suffix}", namespace, published)
    service = _wsdl(root, "service", name=SERVICE)
    for suffix, namespace in BINDINGS.items():
        port = _wsdl(service, "port", name=f"{SERVICE}{suffix}", binding=f"tns:{SERVICE}{suffix}")
        etree.SubElement(port, f"{{{namespace}}}address", location=address)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _types(root: etree._Element, published: list[Operation]) -> None:
    schema = etree.SubElement(
        _wsdl(root, "types"), f"{{{SCHEMA}}}schema", elementFormDefault="qualified", targetNamespace=NAMESPACE
    )
    for operation in published:
        inputs = [
            (name, "xs:int" if name in operation.numbers else "xs:string", "1" if name in operation.numbers else "0")
            for name in operation.parameters
        ]
        _wrapper(schema, operation.name, inputs)
        kind = "tns:ArrayOfString" if operation.result is Result.TEXTS else f"xs:{operation.result.value}"
        least = "1" if operation.result is Result.NUMBER else "0"
        _wrapper(schema, f"{operation.name}Response", [(f"{operation.name}Result", kind, least)])
    texts = etree.SubElement(schema, f"{{{SCHEMA}}}complexType", name="ArrayOfString")
    sequence = etree.SubElement(texts, f"{{{SCHEMA}}}sequence")
    etree.SubElement(
        sequence, f"{{{SCHEMA}}}element", minOccurs="0", maxOccurs="unbounded", name="string", nillable="true",
        type="xs:string",
    )  # fmt: skip


def _wrapper(schema: etree._Element, name: str, members: list[tuple[str, str, str]]) -> None:
    kind = etree.SubElement(etree.SubElement(schema, f"{{{SCHEMA}}}element", name=name), f"{{{SCHEMA}}}complexType")
    sequence = etree.SubElement(kind, f"{{{SCHEMA}}}sequence")
    for member, member_kind, least in members:
        etree.SubElement(
            sequence, f"{{{SCHEMA}}}element", minOccurs=least, maxOccurs="1", name=member, type=member_kind
        )


def _binding(root: etree._Element, name: str, namespace: str, published: list[Operation]) -> None:
    binding = _wsdl(root, "binding", name=name, type=f"tns:{SERVICE}")
    etree.SubElement(binding, f"{{{namespace}}}binding", transport=HTTP, style="document")
    for operation in published:
        described = _wsdl(binding, "operation", name=operation.name)
        etree.SubElement(
            described, f"{{{namespace}}}operation", soapAction=f"{NAMESPACE}{operation.name}", style="document"
        )
        for direction in ("input", "output"):
            etree.SubElement(_wsdl(described, direction), f"{{{namespace}}}body", use="literal")


def _wsdl(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{WSDL}}}{tag}", attributes, None)
