package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/notifications/wording"
)

// Notice writes the title and the body of a notification in the language of whoever reads it. A row from before keeps those
// that it was stored with, and one that cannot be written says only that there is something, so that it never breaks a list.
func Notice(app core.App, words *wording.Catalogue, language string, n *collections.Notice) error {
	if n.StoredTitle() != "" {
		return nil
	}
	title, body, err := say(words, language, n)
	if err != nil {
		app.Logger().Error("Failed to write a notification", "notification", n.Id, "type", n.Type(), "error", err)
		if title, body, err = words.News(language); err != nil {
			return err
		}
	}
	n.Show(title, body)
	return nil
}

func say(words *wording.Catalogue, language string, n *collections.Notice) (title, body string, err error) {
	facts, err := n.Facts()
	if err != nil {
		return "", "", err
	}
	return words.Notice(language, n.Type(), wording.Facts(facts))
}
