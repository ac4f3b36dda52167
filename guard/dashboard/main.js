// Shown on PocketBase's dashboard while the server runs with --unlock.
const warning = document.createElement("div");
warning.setAttribute("role", "alert");
warning.textContent = "Protections of members are unlocked on this server (--unlock). Restart without it as soon as you are done.";
Object.assign(warning.style, {
    position: "fixed", insetInline: "0", bottom: "0", zIndex: "10000", padding: "8px 16px",
    background: "#b00020", color: "#fff", textAlign: "center", fontWeight: "600",
});
document.body.append(warning);
