// Package wording holds what the server says to members in notices, mails and the pages that mails lead to, in every language
// that it has. It knows no database and no request: it gets a language, a name and facts, and returns a text.
//
// A language is one file in languages/, named by its tag. That folder is the only list of languages.
package wording

import (
	"embed"
	"errors"
	"fmt"
	html "html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"golang.org/x/text/language"
)

// Source is the language that the others are translated from. It is used where no other one fits.
const Source = "en"

// What is the fact that chooses between the texts of one kind of notice.
const What = "what"

//go:embed languages layouts
var files embed.FS

// Facts are what a text is about: numbers, ids and codes, and in mails also the name of the collective.
type Facts map[string]any

// Catalogue holds all texts in all languages.
type Catalogue struct {
	languages []string
	matcher   language.Matcher
	texts     map[string]*template.Template
	layouts   *html.Template
}

// Languages is the folder of the languages that this program comes with.
func Languages() fs.FS {
	folder, err := fs.Sub(files, "languages")
	if err != nil {
		panic(err) // the embedded folder is missing
	}
	return folder
}

// Embedded is the catalogue of the languages that this program comes with.
var Embedded = sync.OnceValue(func() *Catalogue {
	c, err := Read(Languages())
	if err != nil {
		panic(err) // the embedded files are invalid
	}
	return c
})

// Read reads every language of a folder.
func Read(folder fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[string]*template.Template{}}
	names, err := fs.Glob(folder, "*.txt")
	if err != nil {
		return nil, fmt.Errorf("list the languages: %w", err)
	}
	for _, name := range names {
		tag := strings.TrimSuffix(name, path.Ext(name))
		if c.texts[tag], err = readLanguage(folder, name, tag); err != nil {
			return nil, err
		}
		c.languages = append(c.languages, tag)
	}
	if c.texts[Source] == nil {
		return nil, errors.New("the language " + Source + " is missing")
	}
	slices.SortStableFunc(c.languages, func(a, b string) int { // a matcher falls back to the first
		switch Source {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	tags := make([]language.Tag, len(c.languages))
	for i, name := range c.languages {
		tags[i] = language.Make(name)
	}
	c.matcher = language.NewMatcher(tags)
	if c.layouts, err = html.ParseFS(files, "layouts/*.html"); err != nil {
		return nil, fmt.Errorf("read the layouts: %w", err)
	}
	return c, nil
}

func readLanguage(folder fs.FS, name, tag string) (*template.Template, error) {
	known, err := language.Parse(tag)
	if err != nil {
		return nil, fmt.Errorf("the file %s is not named by the tag of a language: %w", name, err)
	}
	texts := template.New(name).Option("missingkey=error")
	texts.Funcs(template.FuncMap{"form": formOf(known), "moment": momentOf(texts)})
	if _, err := texts.ParseFS(folder, name); err != nil {
		return nil, fmt.Errorf("read the language %s: %w", tag, err)
	}
	return texts, nil
}

// Names lists the languages, the source language first.
func (c *Catalogue) Names() []string { return slices.Clone(c.languages) }

// For returns the language that fits the first wish that any fits. A wish is a language tag or the value of an
// Accept-Language header; an empty or unknown one is passed over.
func (c *Catalogue) For(wishes ...string) string {
	for _, wish := range wishes {
		if wish == "" {
			continue
		}
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, index, confidence := c.matcher.Match(tags...); confidence > language.No {
			return c.languages[index]
		}
	}
	return Source
}

// Say returns a text in a language. What a language has not translated yet is said in the source language.
func (c *Catalogue) Say(lang, name string, facts Facts) (string, error) {
	texts := c.texts[lang]
	if texts == nil || texts.Lookup(name) == nil {
		texts = c.texts[Source]
	}
	var b strings.Builder
	if err := texts.ExecuteTemplate(&b, name, map[string]any(facts)); err != nil {
		return "", fmt.Errorf("say %s in %s: %w", name, lang, err)
	}
	return b.String(), nil
}

// Notice returns what a notice of a kind says, as exactly as its facts allow.
func (c *Catalogue) Notice(lang, kind string, facts Facts) (title, body string, err error) {
	if title, err = c.Say(lang, c.part(kind, "title", facts), facts); err != nil {
		return "", "", err
	}
	body, err = c.Say(lang, c.part(kind, "body", facts), facts)
	return title, body, err
}

// part is the name of a part of a notice: that of its case if there is one, else that of its kind.
func (c *Catalogue) part(kind, part string, facts Facts) string {
	if what, _ := facts[What].(string); what != "" {
		if name := kind + "." + what + "." + part; c.texts[Source].Lookup(name) != nil {
			return name
		}
	}
	return kind + "." + part
}

// News returns what is said of a notice about which nothing more is known.
func (c *Catalogue) News(lang string) (title, body string, err error) {
	return c.Notice(lang, "news", nil)
}
