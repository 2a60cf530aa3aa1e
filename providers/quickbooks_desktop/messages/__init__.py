"""The qbXML 13.0 messages this product exchanges with a company file, one module a subject.

Members stand in the order of the schema: one that is out of place refuses the whole message set. What QuickBooks sends
is read by name in any order, and what we do not know in it is passed over.
"""
