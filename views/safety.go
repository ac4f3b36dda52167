package views

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
)

// Report shows a report to whoever made it, or to a moderator who works on it.
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

// Appeal shows an appeal to whoever made it, or to a moderator.
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
