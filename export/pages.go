package export

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"carecollective/collections"
	"carecollective/internal/store"
)

// pageMessages is how many messages stand on one page.
const pageMessages = 500

//go:embed pages.html
var pagesSource string

var pages = template.Must(template.New("pages").Parse(pagesSource))

// link leads from the start page to a conversation.
type link struct{ Title, Page string }

// line is a message on a page.
type line struct {
	Name, Time, Text string
	Own, Gone        bool
	Pictures         []picture
}

// page is the path of a page of the conversation, seen from the top of the archive.
func (t *talk) page(n int) string { return t.path("-" + strconv.Itoa(n) + ".html") }

// writePages writes the messages to be read.
func (t *talk) writePages() error {
	out, onPage := io.Writer(nil), 0
	turn := func() (err error) {
		if t.Pages++; t.Pages > 1 {
			if err := render(out, "foot", t.name(t.Pages)); err != nil {
				return err
			}
		}
		if out, err = t.file(t.page(t.Pages)); err != nil {
			return err
		}
		onPage = 0
		return render(out, "head", map[string]any{"Title": t.Title, "Page": t.Pages, "Before": t.name(t.Pages - 1)})
	}
	if err := turn(); err != nil {
		return err
	}
	err := t.each(func(m *collections.Message) error {
		if onPage == pageMessages {
			if err := turn(); err != nil {
				return err
			}
		}
		onPage++
		name, err := t.nameOf(m.Sender())
		if err != nil {
			return err
		}
		shown := line{Name: name, Time: m.CreatedAt(), Text: m.Text(), Own: m.Sender() == t.member.Id}
		for _, a := range t.pictures(m) {
			shown.Pictures = append(shown.Pictures, picture{"../" + pathOf(m, a), a.Alt})
		}
		shown.Gone = shown.Text == "" && len(shown.Pictures) == 0
		return render(out, "message", shown)
	})
	if err != nil {
		return err
	}
	return render(out, "foot", "")
}

// name is the path of a page, seen from another; empty for none.
func (t *talk) name(n int) string {
	if n == 0 {
		return ""
	}
	return t.entry.Conversation.Id + "-" + strconv.Itoa(n) + ".html"
}

// index writes the start page.
func (a *archive) index() error {
	w, err := a.file("index.html")
	if err != nil {
		return err
	}
	return render(w, "index", map[string]any{
		"Name": a.member.Name(), "Shown": a.member.Shown(), "Email": a.member.ProxyRecord().Email(), "Made": store.Stamp(a.now), "Talks": a.talks,
		"Portrait": a.portrait(),
	})
}

func render(w io.Writer, name string, data any) error {
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		return fmt.Errorf("write a page: %w", err)
	}
	return nil
}
