// Runs before anything is painted, so that nobody who has chosen the dark look is dazzled by the light one.
(function () {
    try {
        var look = JSON.parse(localStorage.getItem("cc.look") || "{}");
        var root = document.documentElement;
        if (look.theme) root.dataset.theme = look.theme;
        if (look.contrast) root.dataset.contrast = look.contrast;
        if (look.motion) root.dataset.motion = look.motion;
        if (look.text) root.style.fontSize = look.text + "%";
        if (look.lang) root.lang = look.lang;
    } catch {
        // Without storage the system's own choice holds.
    }
})();
