package collections

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/vault"
)

// What a dialogue can be about.
const (
	AboutReport = "report"
	AboutAppeal = "appeal"
)

// Word is one message between the moderators and the member who reported or appealed. It names nobody.
type Word struct{ core.BaseRecordProxy }

// AsWord reads record, a row of moderation_dialogues.
func AsWord(record *core.Record) *Word {
	w := &Word{}
	w.SetProxyRecord(record)
	return w
}

// NewWord makes a message about a report or an appeal of a member, without saving it.
func NewWord(app core.App, about, subject, member string, byModerators bool, text string, now time.Time) (*Word, error) {
	collection, err := app.FindCachedCollectionByNameOrId(Dialogues)
	if err != nil {
		return nil, err
	}
	w := AsWord(core.NewRecord(collection))
	w.Id = core.GenerateDefaultRandomId()
	w.Set("about", about)
	w.Set("subject", subject)
	w.Set("member", member)
	w.Set("by_moderators", byModerators)
	sealed, err := Seal(app, w.scope(), now, w.binding(), text)
	w.Set("text_sealed", sealed)
	return w, err
}

// FindDialogue finds all messages about a report or an appeal, in order.
func FindDialogue(app core.App, about, subject string) ([]*Word, error) {
	var words []*Word
	err := app.RecordQuery(Dialogues).AndWhere(dbx.HashExp{"about": about, "subject": subject}).OrderBy("created_at", "rowid").All(&words)
	if err != nil {
		return nil, fmt.Errorf("find a dialogue: %w", err)
	}
	return words, nil
}

// ByModerators reports whether the moderators said it.
func (w *Word) ByModerators() bool { return w.GetBool("by_moderators") }

// SaidAt is when it was said.
func (w *Word) SaidAt() string { return w.GetDateTime("created_at").String() }

// Text is what was said; [vault.ErrUnreadable] when it cannot be opened.
func (w *Word) Text(app core.App) (string, error) {
	return Unseal(app, w.scope(), w.binding(), w.GetString("text_sealed"))
}

// scope: a dialogue about a report is destroyed with its evidence, one about an appeal with the member's account.
func (w *Word) scope() string {
	if w.GetString("about") == AboutReport {
		return ReportScope(w.GetString("subject"))
	}
	return MemberScope(w.GetString("member"))
}

func (w *Word) binding() vault.Binding {
	return vault.Binding{Table: Dialogues, Record: w.Id, Field: "text", Sender: w.GetString("member")}
}
