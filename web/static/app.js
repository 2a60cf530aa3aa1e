// What pages gain with scripts; every one of them works without.
"use strict";

// A dialog that came with the page becomes modal: the rest is out of reach, Escape and the Cancel link lead back.
function openDialogs(root) {
  for (const dialog of root.querySelectorAll("dialog[open][data-cancel]")) {
    if (dialog.matches(":modal")) continue;
    dialog.close();
    dialog.showModal();
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      sessionStorage.setItem("left", "dialog");
      window.location.assign(dialog.dataset.cancel);
    });
    dialog.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (link?.getAttribute("href") === dialog.dataset.cancel) sessionStorage.setItem("left", "dialog");
    });
  }
}

// Whatever opened a dialog has the focus again once it is left: both are pages, so that is kept from one to the other.
const CONTROLS = "a[href], button, summary";

function nameOf(control) {
  const form = control.form?.getAttribute("action");
  return JSON.stringify([control.tagName, control.getAttribute("href"), form, control.name, control.textContent.trim()]);
}

document.addEventListener("click", (event) => {
  const control = event.target.closest?.(CONTROLS);
  if (control && !control.closest("dialog")) sessionStorage.setItem("opener", nameOf(control));
});

function returnFocus() {
  if (!sessionStorage.getItem("left") || document.querySelector("dialog:modal")) return;
  sessionStorage.removeItem("left");
  const opener = sessionStorage.getItem("opener");
  [...document.querySelectorAll(CONTROLS)].find((control) => nameOf(control) === opener)?.focus({ focusVisible: true });
}

document.addEventListener("DOMContentLoaded", () => {
  openDialogs(document);
  returnFocus();
});

// A form is sent once, however often its button is clicked; back in the page it can be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-busy", "true");
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// The box in a table's head chooses every row of the page.
document.addEventListener("change", (event) => {
  const all = event.target;
  if (!all.dataset?.chooses) return;
  for (const box of all.form.querySelectorAll(`input[type="checkbox"][name="${all.dataset.chooses}"]`)) {
    box.checked = all.checked;
  }
});

// A file dropped on the area lands in its field.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const area = event.target.closest?.(".drop");
    if (!area) return;
    event.preventDefault();
    area.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      const field = area.querySelector('input[type="file"]');
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}
