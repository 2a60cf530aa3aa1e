// The upload form while it is filled in: what the lines add up to, more lines, and files that would be refused anyway.
"use strict";

// Money in whole cents: adding fractions of a dollar in floating point would lie by a cent sooner or later.
function cents(text) {
  const written = /^(-?)\$?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{0,2})0*)?$/.exec(text.replace(/\s/g, "").replace("−", "-"));
  if (!written) return text.trim() ? null : 0n;
  const amount = BigInt(written[2].replaceAll(",", "")) * 100n + BigInt((written[3] ?? "").padEnd(2, "0"));
  return written[1] ? -amount : amount;
}

function dollars(amount) {
  const whole = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  const grouped = whole.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount < 0n ? "-" : ""}$${grouped}.${whole.slice(-2)}`;
}

function addUp() {
  const form = document.getElementById("upload");
  const fields = [...form.querySelectorAll('[name="amount"], [name="retainage"]')];
  const amounts = fields.map((field) => cents(field.value));
  fields.forEach((field, place) => field.toggleAttribute("aria-invalid", amounts[place] === null));
  const sum = amounts.reduce((total, amount) => total + (amount ?? 0n), 0n);
  document.getElementById("added").textContent = dollars(sum);
  const due = cents(form.elements.total.value);
  const difference = document.getElementById("difference");
  if (amounts.includes(null)) difference.textContent = "An amount cannot be read.";
  else if (due === null || !form.elements.total.value.trim()) difference.textContent = "";
  else if (due === sum) difference.textContent = "The lines add up to the amount due.";
  else difference.textContent = `${dollars(due - sum)} between the lines and the amount due.`;
}

function addLine() {
  const rows = document.getElementById("entries");
  const row = rows.lastElementChild.cloneNode(true);
  const number = rows.children.length + 1;
  for (const field of row.querySelectorAll("input")) {
    field.value = "";
    field.removeAttribute("value");
    field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/line \d+/, `line ${number}`));
  }
  rows.append(row);
  row.querySelector("input").focus();
}

// Sending 40 MB to be told that 25 are allowed is a waste of everybody's time.
function checkFile(field) {
  const file = field.files[0];
  const problem = field.closest(".drop").querySelector("[data-file-problem]");
  problem.textContent = "";
  if (!file) return;
  if (file.size > Number(field.dataset.most)) problem.textContent = "The PDF is larger than 25 MB. Make it smaller and choose it again.";
  else if (!/\.pdf$/i.test(file.name)) problem.textContent = "The file is not a PDF. Choose the invoice as a PDF, or upload it without a file.";
  if (problem.textContent) field.value = "";
}

function prepare() {
  if (!document.getElementById("upload")) return;
  document.getElementById("add-line").hidden = false;
  addUp();
}

document.addEventListener("input", (event) => {
  if (event.target.closest("#upload")) addUp();
});
document.addEventListener("change", (event) => {
  if (event.target.id === "document") checkFile(event.target);
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#add-line")) addLine();
});
document.addEventListener("DOMContentLoaded", prepare);
document.addEventListener("htmx:after:swap", prepare);
