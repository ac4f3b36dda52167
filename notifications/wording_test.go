package notifications

import (
	"slices"
	"strings"
	"testing"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	t.Parallel()
	w, err := readWording()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(w.languages, "es") || w.languages[0] != "en" {
		t.Fatalf("the languages are %v", w.languages)
	}
	for _, language := range w.languages {
		for _, name := range w.texts[fallback].Templates() {
			if strings.HasSuffix(name.Name(), ".txt") {
				continue
			}
			for _, f := range []facts{{Count: 1, Conversations: 1, Site: "Care"}, {Count: 3, Conversations: 2, StandIn: "email", Name: "Ana", Text: "Hi"}, {StandIn: "push"}} {
				said, err := w.say(language, name.Name(), f)
				if err != nil || strings.TrimSpace(said) == "" || strings.Contains(said, "<no value>") {
					t.Errorf("%s says %q of %s: %v", language, said, name.Name(), err)
				}
			}
		}
	}
}

func TestALanguageIsTheClosestThatThereIs(t *testing.T) {
	t.Parallel()
	w, err := readWording()
	if err != nil {
		t.Fatal(err)
	}
	for chosen, want := range map[string]string{"": "en", "es": "es", "es-MX": "es", "ES": "es", "en-GB": "en", "tlh": "en", "not a tag!": "en"} {
		if got := w.in(chosen); got != want {
			t.Errorf("%q is answered in %s, want %s", chosen, got, want)
		}
	}
}
