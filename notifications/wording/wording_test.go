package wording

import (
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"text/template/parse"
)

// uses lists the facts, the functions and the other texts that a text refers to.
func uses(node parse.Node, into map[string]bool) {
	value := reflect.ValueOf(node)
	if node == nil || value.IsNil() {
		return
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			uses(child, into)
		}
	case *parse.ActionNode:
		uses(n.Pipe, into)
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, argument := range command.Args {
				uses(argument, into)
			}
		}
	case *parse.FieldNode:
		into["."+strings.Join(n.Ident, ".")] = true
	case *parse.IfNode:
		usesBranch(&n.BranchNode, into)
	case *parse.TemplateNode:
		into["template "+n.Name] = true
	}
}

func usesBranch(n *parse.BranchNode, into map[string]bool) {
	uses(n.Pipe, into)
	uses(n.List, into)
	if n.ElseList != nil {
		uses(n.ElseList, into)
	}
}

// textsOf lists the texts of a language, each with what it refers to.
func textsOf(c *Catalogue, lang string) map[string][]string {
	all := map[string][]string{}
	for _, text := range c.texts[lang].Templates() {
		if text.Tree == nil || strings.HasSuffix(text.Name(), ".txt") {
			continue
		}
		found := map[string]bool{}
		uses(text.Root, found)
		all[text.Name()] = slices.Sorted(maps.Keys(found))
	}
	return all
}

// sample has every fact that a text may refer to.
func sample(count int, until string) Facts {
	return Facts{
		"site": "Care", "count": count, "conversations": count, "until": until, "at": "2026-03-02T10:00:00Z", "name": "Ana", "text": "Hi",
		"password": "12345678", "info": "Firefox", "day": 1, "month": "May", "year": 2026, "time": "10:00",
	}
}

func TestEveryLanguageHasTheTextsOfTheSourceWithTheirFacts(t *testing.T) {
	t.Parallel()
	c := Embedded()
	if names := c.Names(); names[0] != Source || !slices.Contains(names, "es") {
		t.Fatalf("the languages are %v", names)
	}
	source := textsOf(c, Source)
	if len(source) < 80 {
		t.Fatalf("the source has %d texts", len(source))
	}
	for _, lang := range c.Names() {
		texts := textsOf(c, lang)
		for name, refers := range source {
			if got, there := texts[name]; !there || !slices.Equal(got, refers) {
				t.Errorf("%s: %s refers to %v, want %v (missing: %t)", lang, name, got, refers, !there)
			}
		}
		for name := range texts {
			if source[name] == nil && !slices.Contains(slices.Collect(maps.Keys(source)), name) {
				t.Errorf("%s has a text %s that the source does not have", lang, name)
			}
		}
	}
}

func TestEveryTextCanBeSaid(t *testing.T) {
	t.Parallel()
	c := Embedded()
	for _, lang := range c.Names() {
		for name := range textsOf(c, Source) {
			for _, facts := range []Facts{sample(1, ""), sample(3, "2026-03-02T10:00:00Z"), sample(12_345_678, "")} {
				said, err := c.Say(lang, name, facts)
				empty := strings.TrimSpace(said) == "" && name != "penalty.until"
				if err != nil || empty || strings.Contains(said, "<no value>") {
					t.Errorf("%s says %q of %s: %v", lang, said, name, err)
				}
			}
		}
	}
}

func TestALanguageIsTheFirstWishThatAnyFits(t *testing.T) {
	t.Parallel()
	c := Embedded()
	for want, wishes := range map[string][][]string{
		"en": {nil, {""}, {"en-GB"}, {"tlh"}, {"not a tag!"}, {"fr", "", "en"}, {"en", "es"}, {"fr;q=0.9,en;q=0.5"}, {strings.Repeat("a-", 5_000)}},
		"es": {{"es"}, {"es-MX"}, {"ES"}, {"", "es"}, {"fr", "es-419,en;q=0.5"}, {"not a tag!", "es", "en"}, {"es", "en"}},
	} {
		for _, wish := range wishes {
			if got := c.For(wish...); got != want {
				t.Errorf("%q is answered in %s, want %s", wish, got, want)
			}
		}
	}
}

func TestANoticeIsSaidAsExactlyAsItsFactsAllow(t *testing.T) {
	t.Parallel()
	c := Embedded()
	for _, test := range []struct {
		lang, kind, title, body string
		facts                   Facts
	}{
		{"en", "penalty", "Your account status has changed", "You are suspended until 2 March 2026, 10:00 UTC: ", Facts{What: "suspended", "until": "2026-03-02T11:00:00+01:00"}},
		{"es", "penalty", "Ha cambiado el estado de tu cuenta", "Tu cuenta está suspendida hasta el 2 de marzo de 2026, 10:00 UTC: ", Facts{What: "suspended", "until": "2026-03-02T10:00:00Z"}},
		{"en", "penalty", "Your account status has changed", "The moderators have made a decision.", Facts{What: "unheard of"}},
		{"en", "penalty", "Your account status has changed", "The moderators have made a decision.", nil},
		{"es", "message", "3 mensajes nuevos", "Hay mensajes nuevos", Facts{"count": 3}},
		{"fr", "message", "A new message", "Someone sent you", Facts{"count": 1}},
	} {
		title, body, err := c.Notice(test.lang, test.kind, test.facts)
		if err != nil || title != test.title || !strings.HasPrefix(body, test.body) {
			t.Errorf("%s of %v in %s: %q, %q, %v", test.kind, test.facts, test.lang, title, body, err)
		}
	}
	if _, _, err := c.Notice("en", "message", nil); err == nil {
		t.Error("a text without its facts is said")
	}
}

func TestAnUnfinishedLanguageFallsBackToTheSource(t *testing.T) {
	t.Parallel()
	source, err := fs.ReadFile(Languages(), Source+".txt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read(fstest.MapFS{
		Source + ".txt": {Data: source},
		"uk.txt":        {Data: []byte(`{{define "open"}}Відкрити{{end}}{{define "message.title"}}{{.count}} {{form .count}}{{end}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for count, form := range map[int]string{1: "one", 3: "few", 5: "many", 21: "one"} {
		said, err := c.Say(c.For("uk-UA"), "message.title", Facts{"count": count})
		if err != nil || !strings.HasSuffix(said, " "+form) {
			t.Errorf("of %d: %q, %v", count, said, err)
		}
	}
	if said, err := c.Say("uk", "stop", nil); err != nil || said != "Turn them off" {
		t.Errorf("said %q, %v", said, err)
	}
}

func TestFilesThatAreNoLanguagesAreRefused(t *testing.T) {
	t.Parallel()
	good := &fstest.MapFile{Data: []byte(`{{define "open"}}Open{{end}}`)}
	for name, folder := range map[string]fstest.MapFS{
		"no source":    {"es.txt": good},
		"no tag":       {"en.txt": good, "not a tag.txt": good},
		"broken":       {"en.txt": {Data: []byte(`{{define "open"}}`)}},
		"no such word": {"en.txt": {Data: []byte(`{{define "open"}}{{shout .count}}{{end}}`)}},
	} {
		if _, err := Read(folder); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}
