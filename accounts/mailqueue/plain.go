package mailqueue

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainText converts an HTML mail to text: paragraphs, and links with their targets.
func plainText(source string) string {
	root, err := html.Parse(strings.NewReader(source))
	if err != nil {
		return "" // a missing text part is better than a broken one
	}
	var b strings.Builder
	writeText(&b, root)
	return tidy(b.String())
}

func writeText(b *strings.Builder, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		b.WriteString(strings.Join(strings.Fields(n.Data), " ") + trailingSpace(n.Data))
		return
	case n.DataAtom == atom.Head, n.DataAtom == atom.Style, n.DataAtom == atom.Script:
		return
	}
	for child := range n.ChildNodes() {
		writeText(b, child)
	}
	switch n.DataAtom {
	case atom.A:
		b.WriteString(" (" + attribute(n, "href") + ")")
	case atom.P, atom.Div, atom.Br, atom.Li, atom.Tr, atom.H1, atom.H2, atom.H3:
		b.WriteString("\n")
	}
}

// trailingSpace keeps the gap before an element that follows.
func trailingSpace(s string) string {
	if strings.TrimRight(s, " \t\r\n") == s || strings.TrimSpace(s) == "" {
		return ""
	}
	return " "
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// tidy removes empty lines.
func tidy(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n\n") + "\n"
}
