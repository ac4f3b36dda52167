// Applies the look of this device before the first paint, so that a dark screen does not flash white.
(function () {
    var root = document.documentElement;
    var system = matchMedia("(prefers-color-scheme: dark)");

    function read() {
        try {
            return JSON.parse(localStorage.getItem("cc.look") || "{}");
        } catch {
            return {}; // without storage the system decides
        }
    }

    function setTheme() {
        root.dataset.theme = read().theme || (system.matches ? "dark" : "light");
    }

    var look = read();
    setTheme();
    system.addEventListener("change", setTheme);
    if (look.contrast) root.dataset.contrast = look.contrast;
    if (look.motion) root.dataset.motion = look.motion;
    if (look.text) root.style.fontSize = look.text + "%";
    if (look.lang) root.lang = look.lang;
})();
