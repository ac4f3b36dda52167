package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/internal/readcache"
	"carecollective/messaging"
	"carecollective/notifications/wording"
	"carecollective/views"
)

// registerViews shows every record as its viewer may see it, wherever PocketBase answers with one: lists, views,
// answers to writes, realtime events and expands.
func registerViews(app core.App, words *wording.Catalogue) {
	app.OnRecordEnrich(collections.Messages).Bind(bind.Handler("messages.enrich", showMessage))
	app.OnRecordEnrich(collections.Conversations).Bind(bind.Handler("conversations.enrich", showConversation))
	app.OnRecordEnrich(collections.Participants).Bind(bind.Handler("conversation_participants.enrich", showParticipant))
	app.OnRecordEnrich(collections.Users).Bind(bind.Handler("users.enrich", showMember))
	app.OnRecordEnrich(collections.Contacts).Bind(bind.Handler("contact_exchanges.enrich", showContact))
	app.OnRecordEnrich(collections.PushSubscriptions).Bind(bind.Handler("push_subscriptions.enrich", showDevice))
	app.OnRecordEnrich(collections.Notifications).Bind(bind.Handler("notifications.enrich", showNotice(words)))
}

func viewer(e *core.RecordEnrichEvent) views.Viewer {
	if e.RequestInfo == nil {
		return views.Viewer{}
	}
	return views.ViewerOf(e.RequestInfo.Auth)
}

func showMessage(e *core.RecordEnrichEvent) error {
	v, m := viewer(e), collections.AsMessage(e.Record)
	helpSeen := true
	if v.ID != "" {
		if err := messaging.FreezeStatus(e.App, v.ID, m); err != nil {
			return err
		}
		var err error
		if helpSeen, err = collections.SeesHelpOf(e.App, m, v.ID); err != nil {
			return err
		}
	}
	if err := views.Message(e.App, v, m, helpSeen); err != nil {
		return err
	}
	return e.Next()
}

func showConversation(e *core.RecordEnrichEvent) error {
	v, c := viewer(e), collections.AsConversation(e.Record)
	side := views.Side{HelpSeen: true}
	if v.ID != "" {
		var err error
		if side, err = views.SideOf(e.App, c, v.ID); err != nil {
			return err
		}
	}
	if err := views.Conversation(e.App, v, c, side); err != nil {
		return err
	}
	return e.Next()
}

func showParticipant(e *core.RecordEnrichEvent) error {
	v, p := viewer(e), collections.AsParticipant(e.Record)
	if v.ID != "" {
		mark, err := messaging.WatermarkFor(e.App, p, v.ID)
		if err != nil {
			return err
		}
		views.Participant(v, p, mark)
	}
	return e.Next()
}

func showMember(e *core.RecordEnrichEvent) error {
	if v := viewer(e); v.ID != "" {
		if err := views.Member(e.App, v, collections.AsMember(e.Record)); err != nil {
			return err
		}
	}
	return e.Next()
}

func showContact(e *core.RecordEnrichEvent) error {
	if err := views.Contact(e.App, viewer(e), collections.AsContact(e.Record)); err != nil {
		return err
	}
	return e.Next()
}

func showReport(e *core.RecordEnrichEvent) error {
	if err := views.Report(e.App, viewer(e), collections.AsReport(e.Record)); err != nil {
		return err
	}
	return e.Next()
}

func showAppeal(e *core.RecordEnrichEvent) error {
	if err := views.Appeal(e.App, viewer(e), collections.AsAppeal(e.Record)); err != nil {
		return err
	}
	return e.Next()
}

// showNotice writes a notification in the reader's language, else in one that the request accepts, else in the collective's.
func showNotice(words *wording.Catalogue) func(*core.RecordEnrichEvent) error {
	return func(e *core.RecordEnrichEvent) error {
		settings, err := readcache.Settings(e.App)
		if err != nil {
			return err
		}
		own, accepted := "", ""
		if e.RequestInfo != nil {
			accepted = e.RequestInfo.Headers["accept_language"]
			if auth := e.RequestInfo.Auth; auth != nil && auth.Collection().Name == collections.Users {
				own = collections.AsMember(auth).Language()
			}
		}
		language := words.For(own, accepted, settings.Language())
		if err := views.Notice(e.App, words, language, collections.AsNotice(e.Record)); err != nil {
			return err
		}
		return e.Next()
	}
}
