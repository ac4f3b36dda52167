package notifications

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/quiet"
)

// news is what a member has to be notified about in one conversation.
type news struct {
	place    *collections.DuePlace
	unread   *collections.Unread
	kind     string
	wanted   collections.Wanted
	emailDue time.Time
	digest   bool // the mail is the daily one
}

// note checks a participant with something new, and creates a notification unless there is nothing left to report.
// The decision is written only if nothing changed meanwhile.
func (n *Notifier) note(place *collections.DuePlace, settings *collections.SettingsRecord, now time.Time) error {
	told, err := n.look(place, settings, now)
	if err != nil {
		return err
	}
	return collections.Writers(n.app).Do(n.app, func(txApp core.App) error {
		current, err := place.Told(txApp)
		if err != nil || !current || told == nil {
			return err
		}
		return told.leave(txApp, now)
	})
}

// look decides what to report; nil for nothing.
func (n *Notifier) look(place *collections.DuePlace, settings *collections.SettingsRecord, now time.Time) (*news, error) {
	member, preferences, err := n.recipient(place.User)
	if err != nil || member == nil {
		return nil, err
	}
	standing, err := collections.LoadStanding(n.app, member.Id, now)
	if err != nil || standing.Level == consent.LevelBanned {
		return nil, err
	}
	unread, err := collections.FindUnread(n.app, place.User, place.Conversation, nil, now)
	if err != nil || unread == nil || unread.Seq <= unread.NoticedSeq {
		return nil, err
	}
	told := &news{place: place, unread: unread, kind: kindOf(unread)}
	told.wanted = preferences.Channels(told.kind)
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

func kindOf(u *collections.Unread) string {
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
func mailTime(u *collections.Unread, settings *collections.SettingsRecord, zone string, now time.Time) (due time.Time, digest bool) {
	due = now.Add(settings.EmailAfter())
	if u.Mailed().IsZero() {
		return due, false
	}
	if u.MailedSeq > u.ReadSeq && u.Mails >= settings.EmailsBeforeDigest() {
		location, err := quiet.Zone(zone)
		if err != nil {
			location = time.UTC // a zone that is no longer known
		}
		return quiet.Next(now, settings.DigestHour(), location), true
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
			notice.Hush()
		}
	}
	if err := notice.Tell(t.unread.Count); err != nil {
		return err
	}
	notice.About(t.place.Conversation, t.unread.Message)
	if err := app.SaveNoValidate(notice); err != nil {
		return err
	}
	if err := collections.NoteNoticed(app, t.place.User, t.place.Conversation, t.unread.Seq); err != nil {
		return err
	}
	if t.digest && t.wanted.Email {
		if err := collections.QueueDigest(app, t.place.User, t.emailDue, now); err != nil {
			return err
		}
		t.wanted.Email = false
	}
	return collections.Dispatch(app, notice, t.wanted, t.emailDue, now)
}
