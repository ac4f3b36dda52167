package wording

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Letter is what a mail says.
type Letter struct {
	Language    string
	Subject     string
	Paragraphs  []string
	Link, Open  string // where it leads, and what the link says
	Why, Stop   string // why the reader gets it, and how to get no more; may be empty
	Unsubscribe string
}

// Write returns the two forms of a mail: as plain text and as HTML.
func (c *Catalogue) Write(l Letter) (text, rich string, err error) {
	var page bytes.Buffer
	if err := c.layouts.ExecuteTemplate(&page, "layout.html", l); err != nil {
		return "", "", fmt.Errorf("write a mail: %w", err)
	}
	parts := slices.Clone(l.Paragraphs)
	if l.Link != "" {
		parts = append(parts, l.Open+": "+l.Link)
	}
	if l.Why != "" {
		last := l.Why
		if l.Unsubscribe != "" {
			last += "\n" + l.Stop + ": " + l.Unsubscribe
		}
		parts = append(parts, "-- \n"+last)
	}
	return strings.Join(parts, "\n\n") + "\n", page.String(), nil
}

// Account returns a mail about a member's account: its subject, and its paragraphs. The facts must hold the name of the
// collective as "site".
func (c *Catalogue) Account(lang, name string, facts Facts) (Letter, error) {
	l := Letter{Language: lang}
	subject, err := c.Say(lang, "mail."+name+".subject", facts)
	if err != nil {
		return l, err
	}
	body, err := c.Say(lang, "mail."+name+".body", facts)
	if err != nil {
		return l, err
	}
	open := "open"
	if c.texts[Source].Lookup("mail."+name+".open") != nil {
		open = "mail." + name + ".open"
	}
	l.Open, err = c.Say(lang, open, facts)
	l.Subject, l.Paragraphs = subject, strings.Split(body, "\n\n")
	return l, err
}

// Page returns a page that says one thing, with a button that confirms it unless its text is empty.
func (c *Catalogue) Page(lang, says, button string) (string, error) {
	var page bytes.Buffer
	err := c.layouts.ExecuteTemplate(&page, "page.html", map[string]string{"Language": lang, "Says": says, "Button": button})
	if err != nil {
		return "", fmt.Errorf("show a page: %w", err)
	}
	return page.String(), nil
}
