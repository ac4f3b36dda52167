package export

import (
	"fmt"
	"io"

	"carecollective/collections"
	"carecollective/messaging"
	"carecollective/views"
)

const (
	timelinePage = 200 // messages in memory at once
	ways         = 4   // in which each is written
)

// talk is a conversation while it is written.
type talk struct {
	*archive
	entry *messaging.Entry
	Title string
	Pages int
	names map[string]string

	pictured bool // there are pictures in it
}

// conversations writes every conversation that the member sees: as JSON, as a table, and as pages to read.
func (a *archive) conversations() error {
	extents, err := FindExtents(a.app, a.member.Id)
	if err != nil {
		return err
	}
	for _, extent := range extents {
		a.total += extent.Messages * ways
	}
	before := 0
	for _, extent := range extents {
		entry, err := messaging.FindEntry(a.app, a.member.Id, extent.Conversation)
		if err != nil {
			return err
		}
		if entry != nil { // they may have left it meanwhile
			if err := a.conversation(entry); err != nil {
				return fmt.Errorf("write conversation %s: %w", extent.Conversation, err)
			}
		}
		before += extent.Messages * ways
		a.done = before
	}
	return a.progress()
}

func (a *archive) conversation(entry *messaging.Entry) error {
	t := &talk{archive: a, entry: entry, names: map[string]string{a.member.Id: a.member.Name()}}
	for _, p := range entry.People {
		t.names[p.ID] = p.Name
	}
	for _, write := range []func() error{t.writeJSON, t.writeTable, t.writePages, t.writePictures} {
		if err := write(); err != nil {
			return err
		}
	}
	a.talks = append(a.talks, link{Title: t.Title, Page: t.page(1)})
	return nil
}

// path names a file of the conversation.
func (t *talk) path(end string) string { return "conversations/" + t.entry.Conversation.Id + end }

// each hands over the messages as the API shows them to the member, one page after the other.
func (t *talk) each(do func(*collections.Message) error) error {
	show := func(m *collections.Message) error {
		t.entry.Freeze(m)
		if err := views.Message(t.app, t.viewer, m, t.entry.HelpRequest != nil); err != nil {
			return err
		}
		return do(m)
	}
	for at := 0; ; {
		if err := t.progress(); err != nil {
			return err
		}
		found, err := messaging.FindTimeline(t.app, t.entry.Own, messaging.Stretch{Newer: true, At: at, Limit: timelinePage})
		if err != nil {
			return err
		}
		if !found.More {
			found.Messages = append(found.Messages, found.Held...)
		}
		for _, m := range found.Messages {
			if err := show(m); err != nil {
				return err
			}
			at = max(at, m.Seq())
		}
		t.done += len(found.Messages)
		if !found.More {
			return nil
		}
	}
}

// writeJSON writes the conversation as the API shows it, with all messages.
func (t *talk) writeJSON() error {
	shown, err := views.Entry(t.app, t.viewer, t.entry)
	if err != nil {
		return err
	}
	t.Title = t.titleOf(shown)
	w, err := t.file(t.path(".json"))
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, `{"conversation":`); err != nil {
		return err
	}
	if err := encode(w, shown); err != nil {
		return err
	}
	if _, err := io.WriteString(w, `,"messages":`); err != nil {
		return err
	}
	err = writeList(w, func(add func(any) error) error {
		return t.each(func(m *collections.Message) error {
			t.pictured = t.pictured || len(t.pictures(m)) > 0
			return add(m)
		})
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "}\n")
	return err
}

// titleOf is the title of a group, and of a conversation between two the name of the other.
func (t *talk) titleOf(shown map[string]any) string {
	if title, _ := shown["title"].(string); title != "" {
		return title
	}
	if other := t.entry.Other(); other != nil {
		return other.Name
	}
	return "Conversation"
}

// nameOf is what a sender is called, whether or not they are still there.
func (t *talk) nameOf(sender string) (string, error) {
	if name, known := t.names[sender]; known {
		return name, nil
	}
	member, err := collections.FindMember(t.app, sender)
	if err != nil {
		return "", err
	}
	name := collections.FormerMember
	if member != nil {
		name = member.Name()
	}
	t.names[sender] = name
	return name, nil
}
