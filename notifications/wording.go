package notifications

import (
	"bytes"
	"embed"
	"fmt"
	html "html/template"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/text/language"
)

// A language is one file in templates/, named by its tag: adding one is adding a file.
//
//go:embed templates
var files embed.FS

// fallback is the language for members without a language, or with one that is not translated.
const fallback = "en"

// facts are the values that a text may contain.
type facts struct {
	Site          string
	Count         int // messages
	Conversations int
	StandIn       string // the channel that stands in for one that failed
	Name, Text    string // only where the member chose to read them outside the app
}

// wording is the catalogue of all texts for members, in all languages.
type wording struct {
	languages []string
	matcher   language.Matcher
	texts     map[string]*template.Template
	pages     *html.Template
}

func readWording() (*wording, error) {
	w := &wording{texts: map[string]*template.Template{}}
	entries, err := files.ReadDir("templates")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	for _, entry := range entries {
		name, isText := strings.CutSuffix(entry.Name(), ".txt")
		if !isText {
			continue
		}
		parsed, err := template.ParseFS(files, "templates/"+entry.Name())
		if err != nil {
			return nil, fmt.Errorf("read the template %s: %w", entry.Name(), err)
		}
		w.languages = append(w.languages, name)
		w.texts[name] = parsed
	}
	slices.SortStableFunc(w.languages, func(a, b string) int { // the first one is what a matcher falls back to
		switch fallback {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	tags := make([]language.Tag, len(w.languages))
	for i, name := range w.languages {
		tags[i] = language.Make(name)
	}
	w.matcher = language.NewMatcher(tags)
	if w.pages, err = html.ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("read the layouts: %w", err)
	}
	return w, nil
}

// in returns the available language that is closest to the member's choice.
func (w *wording) in(chosen string) string {
	if chosen == "" {
		return fallback
	}
	_, index, _ := w.matcher.Match(language.Make(chosen))
	return w.languages[index]
}

// say renders a text by name in a language.
func (w *wording) say(lang, name string, f facts) (string, error) {
	var b strings.Builder
	if err := w.texts[lang].ExecuteTemplate(&b, name, f); err != nil {
		return "", fmt.Errorf("say %s in %s: %w", name, lang, err)
	}
	return b.String(), nil
}

// letter is the contents of a mail.
type letter struct {
	Language    string
	Subject     string
	Paragraphs  []string
	Link, Open  string
	Why, Stop   string
	Unsubscribe string
}

// write composes the two forms of a mail.
func (w *wording) write(l letter) (text, rich string, err error) {
	var page bytes.Buffer
	if err := w.pages.ExecuteTemplate(&page, "layout.html", l); err != nil {
		return "", "", fmt.Errorf("write a mail: %w", err)
	}
	parts := slices.Clone(l.Paragraphs)
	if l.Link != "" {
		parts = append(parts, l.Open+": "+l.Link)
	}
	last := l.Why
	if l.Unsubscribe != "" {
		last += "\n" + l.Stop + ": " + l.Unsubscribe
	}
	return strings.Join(append(parts, "-- \n"+last), "\n\n") + "\n", page.String(), nil
}

// show renders a page with one sentence and, optionally, a button that confirms it.
func (w *wording) show(lang, says, button string) (string, error) {
	var page bytes.Buffer
	err := w.pages.ExecuteTemplate(&page, "page.html", map[string]string{"Language": lang, "Says": says, "Button": button})
	if err != nil {
		return "", fmt.Errorf("show a page: %w", err)
	}
	return page.String(), nil
}
