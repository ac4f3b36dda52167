package export

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/store"
	"carecollective/views"
)

// formatVersion is of the files' shape, which docs/exports.md describes.
const formatVersion = 1

// archive is an export that is being written.
type archive struct {
	ctx    context.Context //nolint:containedctx // an archive lives as long as the call that makes it
	app    core.App
	export *collections.Export
	member *collections.Member
	viewer views.Viewer
	zip    *zip.Writer
	now    time.Time

	talks []link // for the start page
	done  int    // messages, each as often as it is written
	total int
	told  int // the percent that were noted last
}

// fill writes the whole archive to out.
func fill(ctx context.Context, app core.App, export *collections.Export, out io.Writer, now time.Time) error {
	member, err := collections.FindMember(app, export.User())
	if err != nil {
		return err
	}
	if member == nil {
		return errGone
	}
	a := &archive{ctx: ctx, app: app, export: export, member: member, viewer: views.ViewerOf(member.ProxyRecord()), zip: zip.NewWriter(out), now: now}
	for _, step := range []func() error{a.about, a.own, a.writePortrait, a.audit, a.conversations, a.index} {
		if err := step(); err != nil {
			return err
		}
	}
	return a.zip.Close()
}

// file begins a file of the archive, which ends when the next begins.
func (a *archive) file(name string) (io.Writer, error) {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.now})
	if err != nil {
		return nil, fmt.Errorf("begin %s: %w", name, err)
	}
	return w, nil
}

// about says what the archive is.
func (a *archive) about() error {
	return a.json("export.json", map[string]any{
		"format": "carecollective-export", "version": formatVersion, "member": a.member.Id, "made_at": store.Stamp(a.now),
	})
}

// json writes one value as a file.
func (a *archive) json(name string, value any) error {
	w, err := a.file(name)
	if err != nil {
		return err
	}
	return encode(w, value)
}

func encode(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// list writes a file that is a JSON list, as each hands over its items.
func (a *archive) list(name string, each func(add func(any) error) error) error {
	w, err := a.file(name)
	if err != nil {
		return err
	}
	if err := writeList(w, each); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func writeList(w io.Writer, each func(add func(any) error) error) error {
	between := "["
	err := each(func(item any) error {
		if _, err := io.WriteString(w, between); err != nil {
			return err
		}
		between = ","
		return encode(w, item)
	})
	if err != nil {
		return err
	}
	if between == "[" {
		_, err = io.WriteString(w, between)
	}
	if err == nil {
		_, err = io.WriteString(w, "]\n")
	}
	return err
}

// progress records the progress, and ends the work if the export was deleted. Messages are most of the work.
func (a *archive) progress() error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	percent := min(5+90*a.done/max(a.total, 1), 95)
	if percent == a.told {
		return nil
	}
	a.told = percent
	goesOn, err := a.export.Advance(a.app, percent)
	if err == nil && !goesOn {
		err = errGone
	}
	return err
}
