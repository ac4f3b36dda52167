package hooks

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/attachments"
	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/messaging"
	"carecollective/moderation"
	"carecollective/moderation/screening"
	"carecollective/refusal"
)

func registerScreening(app core.App) {
	judge := &screener{}
	app.OnRecordValidate(collections.Messages).Bind(bind.Handler("messages.validate.screen", judge.screenMessage))
	app.OnRecordCreateExecute(collections.Conversations).Bind(bind.Handler("conversations.create.screen", judge.screenTitle))
	for _, shown := range []showcase{
		{judge, collections.HelpRequests, collections.SubjectHelpRequest, func(r *core.Record) string { return collections.AsHelpRequest(r).Owner() }, []string{"title", "description", "category", "location"}},
		{judge, collections.Users, collections.SubjectUser, func(r *core.Record) string { return r.Id }, []string{"name", "bio", "location"}},
	} {
		app.OnRecordCreateRequest(shown.collection).Bind(bind.Handler(shown.collection+".create.acknowledge", readAcknowledged))
		app.OnRecordUpdateRequest(shown.collection).Bind(bind.Handler(shown.collection+".update.acknowledge", readAcknowledged))
		app.OnRecordCreateExecute(shown.collection).Bind(bind.Handler(shown.collection+".create.screen", shown.screenFields))
		app.OnRecordUpdateExecute(shown.collection).Bind(bind.Handler(shown.collection+".update.screen", shown.screenFields))
	}
}

// screenMessage refuses a text that is clearly meant to harm, asks before personal data is sent, and flags what a moderator
// should look at without delaying it. A message that no member wrote is not screened.
func (s *screener) screenMessage(e *core.RecordEvent) error {
	m := collections.AsMessage(e.Record)
	if m.Type() != collections.TypeText || m.Deleted() {
		return e.Next()
	}
	settings, result, err := s.screen(e.App, attachments.WrittenText(m))
	if err != nil {
		return err
	}
	if result.SuggestedAction == screening.Block {
		return refusal.Field(collections.Content, refusal.ContentBlocked, result.Explanation)
	}
	if err := askBeforePersonalData(e.App, settings, m, result); err != nil {
		return err
	}
	if others := slices.DeleteFunc(slices.Clone(result.Categories), isPersonalData); len(others) > 0 {
		m.Flag(strings.Join(others, ", "))
	}
	return e.Next()
}

func isPersonalData(category string) bool { return category == screening.PersonalData }

// askBeforePersonalData refuses personal data that the writer has not acknowledged, as far as the collective's policy
// goes, but not where the two have agreed to exchange contacts.
func askBeforePersonalData(app core.App, settings *collections.SettingsRecord, m *collections.Message, result screening.Result) error {
	if !asks(settings, result, m.Acknowledged()) {
		return nil
	}
	agreed, err := messaging.ContactAgreedIn(app, m.Conversation())
	if err != nil || agreed {
		return err
	}
	return refusal.Field(collections.Content, refusal.PersonalData, result.Explanation)
}

// asks reports whether a member is asked before they show personal data to others.
func asks(settings *collections.SettingsRecord, result screening.Result, acknowledged []string) bool {
	if !slices.ContainsFunc(result.Categories, isPersonalData) {
		return false
	}
	switch settings.PersonalDataPolicy() {
	case "allow":
		return false
	case "confirm":
		return !slices.Contains(acknowledged, screening.PersonalData)
	}
	return true
}

// readAcknowledged attaches the member's acknowledgements to the record.
func readAcknowledged(e *core.RecordRequestEvent) error {
	if e.HasSuperuserAuth() {
		return e.Next()
	}
	info, err := e.RequestInfo()
	if err != nil {
		return err
	}
	what, err := messaging.AcknowledgedIn(e.Request.PostForm, info.Body)
	if err != nil {
		return err
	}
	collections.SetAcknowledged(e.Record, what)
	return e.Next()
}

// showcase is a collection with content that members show to others.
type showcase struct {
	*screener
	collection string
	subject    string
	owner      func(*core.Record) string
	fields     []string
}

// screen checks what has changed: what would be refused or asked about as a message is, under the field's own
// name, and what should be looked at goes into the queue.
func (s showcase) screenFields(e *core.RecordEvent) error {
	flagged := flags{screener: s.screener, record: e.Record}
	original := e.Record.Original()
	for _, name := range s.fields {
		written := e.Record.GetString(name)
		if !e.Record.IsNew() && written == original.GetString(name) {
			continue
		}
		if err := flagged.judge(e.App, name, written); err != nil {
			return err
		}
	}
	if err := e.Next(); err != nil {
		return err
	}
	return flagged.open(e.App, s.subject, e.Record.Id, s.owner(e.Record))
}

// screenTitle screens the title of a group, which has no column of its own.
func (s *screener) screenTitle(e *core.RecordEvent) error {
	c := collections.AsConversation(e.Record)
	title, err := c.Title(e.App)
	if err != nil {
		return err
	}
	flagged := flags{screener: s, record: e.Record}
	if err := flagged.judge(e.App, "title", title); err != nil {
		return err
	}
	if err := e.Next(); err != nil {
		return err
	}
	return flagged.open(e.App, collections.SubjectConversation, c.Id, c.CreatedBy())
}

// flags are the texts of a record that moderators should look at, by field, and why.
type flags struct {
	*screener
	record  *core.Record
	texts   map[string]string
	reasons []string
}

// judge refuses a text that is clearly meant to harm, asks about personal data, and collects what should be flagged.
func (f *flags) judge(app core.App, name, written string) error {
	if written == "" {
		return nil
	}
	settings, result, err := f.screen(app, written)
	if err != nil {
		return err
	}
	if result.SuggestedAction == screening.Block {
		return refusal.Field(name, refusal.ContentBlocked, result.Explanation)
	}
	if name == "name" {
		return nil // one word says too little: people are called Dick and Stranger
	}
	if what, ok := collections.Acknowledged(f.record); ok && asks(settings, result, what) {
		return refusal.Field(name, refusal.PersonalData, result.Explanation)
	}
	categories := slices.DeleteFunc(slices.Clone(result.Categories), isPersonalData)
	if len(categories) == 0 {
		return nil
	}
	if f.texts == nil {
		f.texts = map[string]string{}
	}
	f.texts[name] = written
	f.reasons = append(f.reasons, name+": "+strings.Join(categories, ", "))
	return nil
}

// open adds what was flagged to the queue.
func (f *flags) open(app core.App, subject, id, member string) error {
	if len(f.texts) == 0 {
		return nil
	}
	return moderation.FlagTexts(app, moderation.Flagged{
		Type: subject, ID: id, Member: member, Reason: strings.Join(f.reasons, ", "), Texts: f.texts,
	}, time.Now())
}

// screener judges texts by the settings of the collective, and is made again when these change.
type screener struct {
	current atomic.Pointer[builtScreener]
}

type builtScreener struct {
	*screening.Screener
	settings string // when they were changed last
}

func (s *screener) screen(app core.App, text string) (*collections.SettingsRecord, screening.Result, error) {
	settings, err := readcache.Settings(app)
	if err != nil {
		return nil, screening.Result{}, err
	}
	current, changed := s.current.Load(), settings.GetString(collections.FieldUpdatedAt)
	if current == nil || current.settings != changed {
		made, err := screening.New(moderation.ScreeningOptions(settings))
		if err != nil {
			return nil, screening.Result{}, fmt.Errorf("make the screener: %w", err)
		}
		current = &builtScreener{made, changed}
		s.current.Store(current)
	}
	return settings, current.Screen(text), nil
}
