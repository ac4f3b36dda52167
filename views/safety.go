package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Report shows a report to its reporter, or to a moderator who works on it.
func Report(app core.App, viewer Viewer, r *collections.Report) error {
	if !viewer.Reads {
		return nil
	}
	description, err := r.Description(app)
	if description, err = readable(description, err); err != nil {
		return err
	}
	add(r.ProxyRecord(), "description", description)
	return nil
}

// Appeal shows an appeal to the member who made it, or to a moderator.
func Appeal(app core.App, viewer Viewer, a *collections.Appeal) error {
	if !viewer.Reads {
		return nil
	}
	text, err := a.Text(app)
	if text, err = readable(text, err); err != nil {
		return err
	}
	add(a.ProxyRecord(), collections.AppealText, text)
	return nil
}

// Word shows what one side of a dialogue with the moderators has said.
func Word(app core.App, w *collections.Word) (map[string]any, error) {
	text, err := w.Text(app)
	if text, err = readable(text, err); err != nil {
		return nil, err
	}
	return map[string]any{"by_moderators": w.ByModerators(), "text": text, "created_at": w.SaidAt()}, nil
}
