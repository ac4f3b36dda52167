package hooks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/moderation"
	"carecollective/refusal"
)

func registerScreening(app core.App) {
	app.OnRecordValidate(collections.Messages).Bind(gate("messages.validate.screen", screenMessage))
	app.OnRecordCreateExecute(collections.Conversations).Bind(gate("conversations.create.screen", screenTitle))
	for _, texts := range []struct {
		collection string
		owner      func(*core.Record) string
		fields     []string
	}{
		{collections.HelpRequests, func(r *core.Record) string { return r.GetString("user") }, []string{"title", "description", "category", "location"}},
		{collections.Users, func(r *core.Record) string { return r.Id }, []string{"name", "bio", "location"}},
	} {
		screen := screenTexts(texts.owner, texts.fields)
		app.OnRecordCreateExecute(texts.collection).Bind(gate(texts.collection+".create.screen", screen))
		app.OnRecordUpdateExecute(texts.collection).Bind(gate(texts.collection+".update.screen", screen))
	}
}

// screenMessage refuses what is clearly meant to harm, asks before personal data is sent, and flags what a moderator
// should look at without holding it up. A message that its writer did not write is not screened.
func screenMessage(e *core.RecordEvent) error {
	m := collections.AsMessage(e.Record)
	if m.Type() != collections.TypeText || m.Deleted() {
		return e.Next()
	}
	settings, result, err := screen(e.App, m.Text())
	if err != nil {
		return err
	}
	if result.SuggestedAction == moderation.Block {
		return refusal.Field(collections.Content, "content_blocked", result.Explanation)
	}
	if err := askBeforePersonalData(e.App, settings, m, result); err != nil {
		return err
	}
	if others := slices.DeleteFunc(slices.Clone(result.Categories), isPersonalData); len(others) > 0 {
		m.Flag(strings.Join(others, ", "))
	}
	return e.Next()
}

func isPersonalData(category string) bool { return category == moderation.PersonalData }

// askBeforePersonalData refuses personal data that the writer has not acknowledged, as far as the collective's policy
// goes, but not where the two have agreed to exchange contacts.
func askBeforePersonalData(app core.App, settings *collections.SettingsRecord, m *collections.Message, result moderation.Result) error {
	policy := settings.PersonalDataPolicy()
	if !slices.ContainsFunc(result.Categories, isPersonalData) || policy == "allow" {
		return nil
	}
	if policy == "confirm" && slices.Contains(m.Acknowledged(), moderation.PersonalData) {
		return nil
	}
	agreed, err := collections.ContactAgreedIn(app, m.Conversation())
	if err != nil || agreed {
		return err
	}
	return refusal.Field(collections.Content, moderation.PersonalData, result.Explanation)
}

// screenTexts screens what a member says about themselves or a request: what would be refused as a message is refused
// under the field's own name, what should be looked at goes into the queue.
func screenTexts(owner func(*core.Record) string, fields []string) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		var reasons []string
		original := e.Record.Original()
		for _, name := range fields {
			written := e.Record.GetString(name)
			if written == "" || (!e.Record.IsNew() && written == original.GetString(name)) {
				continue
			}
			_, result, err := screen(e.App, written)
			if err != nil {
				return err
			}
			if result.SuggestedAction == moderation.Block {
				return refusal.Field(name, "content_blocked", result.Explanation)
			}
			if name == "name" {
				continue // one word says too little: people are called Dick and Stranger
			}
			for _, category := range slices.DeleteFunc(slices.Clone(result.Categories), isPersonalData) {
				reasons = append(reasons, name+": "+category)
			}
		}
		if err := e.Next(); err != nil || len(reasons) == 0 {
			return err
		}
		c, err := collections.NewCase(e.App, collections.CaseFlag, "", owner(e.Record), e.Record.Collection().Name+" "+strings.Join(reasons, ", "))
		if err != nil {
			return err
		}
		return c.Open(e.App)
	}
}

// screenTitle screens the title of a group, which has no column of its own.
func screenTitle(e *core.RecordEvent) error {
	c := collections.AsConversation(e.Record)
	title, err := c.Title(e.App)
	if err != nil {
		return err
	}
	if title == "" {
		return e.Next()
	}
	_, result, err := screen(e.App, title)
	if err != nil {
		return err
	}
	if result.SuggestedAction == moderation.Block {
		return refusal.Field("title", "content_blocked", result.Explanation)
	}
	return e.Next()
}

// screener is made anew when the settings change.
type screener struct {
	*moderation.Screener
	settings string // when they were changed last
}

const screenerKey = "screener"

func screen(app core.App, text string) (*collections.SettingsRecord, moderation.Result, error) {
	settings, err := collections.LoadSettings(app)
	if err != nil {
		return nil, moderation.Result{}, err
	}
	current, ok := app.Store().Get(screenerKey).(screener)
	if changed := settings.GetString("updated_at"); !ok || current.settings != changed {
		made, err := moderation.New(settings.Screening())
		if err != nil {
			return nil, moderation.Result{}, fmt.Errorf("make the screener: %w", err)
		}
		current = screener{made, changed}
		app.Store().Set(screenerKey, current)
	}
	return settings, current.Screen(text), nil
}
