package notifications

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/changes"
	"carecollective/internal/readcache"
	"carecollective/notifications/quiethours"
	"carecollective/outbox"
)

// news is what a member has to be notified about in one conversation.
type news struct {
	place    *DueParticipant
	unread   *Unread
	kind     string
	wanted   outbox.Wanted
	emailDue time.Time
	digest   bool // the mail is the daily one
}

// notify checks a participant with something new, and creates a notification unless there is nothing left to report.
// The decision is written only if nothing changed meanwhile.
func (n *Notifier) notify(place *DueParticipant, settings *collections.SettingsRecord, now time.Time) error {
	told, err := n.look(place, settings, now)
	if err != nil {
		return err
	}
	return changes.Writers(n.app).Do(n.app, func(txApp core.App) error {
		current, err := place.Told(txApp)
		if err != nil || !current || told == nil {
			return err
		}
		return told.leave(txApp, now)
	})
}

// look decides what to report; nil for nothing.
func (n *Notifier) look(place *DueParticipant, settings *collections.SettingsRecord, now time.Time) (*news, error) {
	member, preferences, err := n.recipient(place.User)
	if err != nil || member == nil {
		return nil, err
	}
	standing, err := readcache.Standing(n.app, member.Id, now)
	if err != nil || standing.Level == consent.LevelBanned {
		return nil, err
	}
	unread, err := FindUnread(n.app, place.User, place.Conversation, nil, now)
	if err != nil || unread == nil || unread.Seq <= unread.NoticedSeq {
		return nil, err
	}
	told := &news{place: place, unread: unread, kind: kindOf(unread)}
	told.wanted = outbox.WantedChannels(preferences, told.kind)
	told.emailDue, told.digest = mailTime(unread, settings, member.TimeZone(), now)
	return told, nil
}

// recipient finds a member with their preferences; nil when they are gone.
func (n *Notifier) recipient(id string) (*collections.Member, *collections.PreferencesRecord, error) {
	member, err := collections.FindMember(n.app, id)
	if err != nil || member == nil {
		return nil, nil, err
	}
	preferences, err := collections.FindPreferences(n.app, id)
	if err != nil || preferences == nil {
		return nil, nil, err
	}
	return member, preferences, nil
}

func kindOf(u *Unread) string {
	switch {
	case u.Pending:
		return collections.NoticeRequest
	case u.Type == collections.TypeHelpRequestUpdate:
		return collections.NoticeHelpUpdate
	default:
		return collections.NoticeMessage
	}
}

// mailTime returns when a mail about a conversation may be sent: the first after a while, the next ones at most one an hour, and
// after several without a reaction only the daily one.
func mailTime(u *Unread, settings *collections.SettingsRecord, zone string, now time.Time) (due time.Time, digest bool) {
	due = now.Add(settings.EmailAfter())
	if u.Mailed().IsZero() {
		return due, false
	}
	if u.MailedSeq > u.ReadSeq && u.Mails >= settings.EmailsBeforeDigest() {
		location, err := quiethours.Zone(zone)
		if err != nil {
			location = time.UTC // a zone that is no longer known
		}
		return quiethours.Next(now, settings.DigestHour(), location), true
	}
	last := u.Mailed()
	if last.After(now) {
		last = now // a clock was wrong
	}
	if next := last.Add(settings.EmailAgain()); next.After(due) {
		due = next
	}
	return due, false
}

// leave writes the decision, in the transaction of app. An unread notification about the same conversation is
// updated instead of repeated.
func (t *news) leave(app core.App, now time.Time) error {
	notice, err := collections.FindOpenNotice(app, t.place.User, t.place.Conversation, t.kind)
	if err != nil {
		return err
	}
	if notice == nil {
		if notice, err = collections.NewNotice(app, t.place.User, t.kind, nil, collections.Subject{}); err != nil {
			return err
		}
		if !t.wanted.App {
			notice.HideInApp()
		}
	}
	if err := notice.Tell(t.unread.Count); err != nil {
		return err
	}
	notice.About(t.place.Conversation, t.unread.Message)
	if err := app.SaveNoValidate(notice); err != nil {
		return err
	}
	if err := NoteNoticed(app, t.place.User, t.place.Conversation, t.unread.Seq); err != nil {
		return err
	}
	if t.digest && t.wanted.Email {
		if err := outbox.QueueDigest(app, t.place.User, t.emailDue, now); err != nil {
			return err
		}
		t.wanted.Email = false
	}
	return outbox.Dispatch(app, notice, t.wanted, t.emailDue, now)
}
