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

// notifyAll creates a notification for each participant with something new, unless there is nothing left to report. A decision is
// written only if nothing changed meanwhile. All are written by one transaction; if that fails, each by its own, so that a broken one
// does not hold up the others. It returns how many failed.
func (n *Notifier) notifyAll(due []*DueParticipant, settings *collections.SettingsRecord, now time.Time) (failed int) {
	reports, err := n.lookAt(due, settings, now)
	if err != nil {
		n.app.Logger().Warn("Failed to look for what participants have to be notified about", "error", err)
		return len(due)
	}
	if n.write(due, reports, now) == nil {
		return 0
	}
	for _, place := range due {
		if err := n.write([]*DueParticipant{place}, reports, now); err != nil {
			n.app.Logger().Warn("Failed to create a notification for a participant", "error", err)
			failed++
		}
	}
	return failed
}

// write records the decisions about places in one transaction.
func (n *Notifier) write(places []*DueParticipant, reports map[string]*news, now time.Time) error {
	return changes.Writers(n.app).Do(n.app, func(txApp core.App) error {
		for _, place := range places {
			current, err := place.Told(txApp)
			if err != nil {
				return err
			}
			if told := reports[place.ID]; current && told != nil {
				if err := told.leave(txApp, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// lookAt decides what to report at each of places, by their ids, with few queries for all of them together.
func (n *Notifier) lookAt(places []*DueParticipant, settings *collections.SettingsRecord, now time.Time) (map[string]*news, error) {
	found, err := FindUnreadAt(n.app, places, now)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var users []string
	for _, place := range places {
		if u := found[place.ID]; u != nil && u.Seq > u.NoticedSeq {
			users = append(users, place.User)
		}
	}
	members, err := collections.FindMembers(n.app, users)
	if err != nil {
		return nil, err
	}
	preferences, err := collections.FindPreferencesOf(n.app, users)
	if err != nil {
		return nil, err
	}
	reports := map[string]*news{}
	for _, place := range places {
		unread, member, wishes := found[place.ID], members[place.User], preferences[place.User]
		if unread == nil || unread.Seq <= unread.NoticedSeq || member == nil || wishes == nil {
			continue
		}
		standing, err := readcache.Standing(n.app, place.User, now)
		if err != nil {
			return nil, err
		}
		if standing.Level == consent.LevelBanned {
			continue
		}
		told := &news{place: place, unread: unread, kind: kindOf(unread)}
		told.wanted = outbox.WantedChannels(wishes, told.kind)
		told.emailDue, told.digest = mailTime(unread, settings, member.TimeZone(), now)
		reports[place.ID] = told
	}
	return reports, nil
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
	wanted := t.wanted
	if t.digest && wanted.Email {
		if err := outbox.QueueDigest(app, t.place.User, t.emailDue, now); err != nil {
			return err
		}
		wanted.Email = false
	}
	return outbox.Dispatch(app, notice, wanted, t.emailDue, now)
}
