package notifications

import (
	"time"

	"carecollective/collections"
	"carecollective/consent"
	"carecollective/internal/readcache"
	"carecollective/notifications/quiethours"
	"carecollective/notifications/wording"
	"carecollective/outbox"
)

// outgoing is what is sent to a member, as it is at the moment of sending.
type outgoing struct {
	member      *collections.Member
	preferences *collections.PreferencesRecord
	kind        string // the type of the notification, or the kind of the entry
	notice      *collections.Notice
	unread      *Unread // of a conversation
	facts       wording.Facts
}

// aboutConversation are the types that only go out while there is something to read.
func aboutConversation(kind string) bool {
	return kind == collections.NoticeMessage || kind == collections.NoticeRequest || kind == collections.NoticeHelpUpdate
}

// judge decides again, at the moment of sending, whether an entry may be sent to its member: by what was read, deleted,
// hidden, blocked, declined, muted or left meanwhile, by what the member wants, and by their quiet hours. A parcel is what
// to send; otherwise the result says why nothing is sent.
func (n *Notifier) judge(entry *outbox.Outgoing, now time.Time) (*outgoing, result, error) {
	member, preferences, err := n.recipient(entry.User)
	if err != nil {
		return nil, result{}, err
	}
	if member == nil {
		return nil, dropped("the member no longer exists"), nil
	}
	p := &outgoing{member: member, preferences: preferences, kind: entry.Kind, facts: wording.Facts{"site": n.app.Settings().Meta.AppName, "count": 1}}
	why, err := n.fill(p, entry, now)
	if err != nil || why != "" {
		return nil, dropped(why), err
	}
	if until, quiet := n.quietUntil(p, entry, now); quiet {
		return nil, held(until), nil
	}
	return p, result{}, nil
}

// fill collects what to say; why is not empty if there is nothing.
func (n *Notifier) fill(p *outgoing, entry *outbox.Outgoing, now time.Time) (why string, err error) {
	switch entry.Kind {
	case outbox.KindEvent:
		return n.fillEvent(p, entry, now)
	case outbox.KindSummary, outbox.KindDigest:
		return n.fillOverview(p, entry, now)
	default:
		return "", nil
	}
}

func (n *Notifier) fillEvent(p *outgoing, entry *outbox.Outgoing, now time.Time) (why string, err error) {
	if p.notice, err = collections.FindNotice(n.app, entry.Notice); err != nil {
		return "", err
	}
	if p.notice == nil || p.notice.Read() {
		return "the member has read it in the app", nil
	}
	p.kind = p.notice.Type()
	if !carries(outbox.WantedChannels(p.preferences, p.kind), entry.Channel) {
		return "the member has switched this type off for this channel", nil
	}
	switch {
	case aboutConversation(p.kind):
		return n.fillConversation(p, now)
	case p.kind == collections.NoticeAccepted:
		return n.checkAccepted(p, now)
	default:
		return "", nil
	}
}

func carries(wanted outbox.Wanted, channel string) bool {
	if channel == collections.ChannelPush {
		return wanted.Push
	}
	return wanted.Email
}

const nothingToTell = "there is nothing left to report"

func (n *Notifier) fillConversation(p *outgoing, now time.Time) (why string, err error) {
	banned, err := n.banned(p.member.Id, now)
	if err != nil {
		return "", err
	}
	p.unread, err = FindUnread(n.app, p.member.Id, p.notice.Conversation(), p.preferences.LetThrough(), now)
	if err != nil {
		return "", err
	}
	if banned || p.unread == nil || p.unread.Pending != (p.kind == collections.NoticeRequest) {
		return nothingToTell, nil
	}
	p.facts["count"] = p.unread.Count
	return "", nil
}

func (n *Notifier) banned(member string, now time.Time) (bool, error) {
	standing, err := readcache.Standing(n.app, member, now)
	return standing.Level == consent.LevelBanned, err
}

// checkAccepted checks whether the requester still has the conversation, and is on good terms with the other member.
func (n *Notifier) checkAccepted(p *outgoing, now time.Time) (why string, err error) {
	hears, err := stillSeesAcceptance(n.app, p.member.Id, p.notice.Conversation(), now)
	if err != nil {
		return "", err
	}
	banned, err := n.banned(p.member.Id, now)
	if !hears || banned {
		return nothingToTell, err
	}
	return "", err
}

// longestHeld is the maximum length of quiet hours.
const longestHeld = 24 * time.Hour

// fillOverview counts everything that is unread. A summary may also be about something else than messages.
func (n *Notifier) fillOverview(p *outgoing, entry *outbox.Outgoing, now time.Time) (why string, err error) {
	on := p.preferences.Email() || p.preferences.StandIn() == collections.ChannelEmail
	if entry.Channel == collections.ChannelPush {
		on = p.preferences.Push() || p.preferences.StandIn() == collections.ChannelPush
	} else if p.preferences.EmailFailed() {
		on = false
	}
	if !on {
		return "the member has switched this channel off", nil
	}
	messages, conversations, err := CountUnread(n.app, p.member.Id, now)
	if err != nil {
		return "", err
	}
	banned, err := n.banned(p.member.Id, now)
	if err != nil {
		return "", err
	}
	if banned {
		messages, conversations = 0, 0
	}
	p.facts["count"], p.facts["conversations"] = messages, conversations
	if messages > 0 {
		return "", nil
	}
	others, err := CountOtherNotices(n.app, p.member.Id, now.Add(-longestHeld))
	if err != nil {
		return "", err
	}
	if entry.Kind == outbox.KindDigest || others == 0 {
		return nothingToTell, nil
	}
	return "", nil
}

// quietUntil reports whether the member has quiet hours now. A test that they asked for themselves is sent anyway.
func (n *Notifier) quietUntil(p *outgoing, entry *outbox.Outgoing, now time.Time) (time.Time, bool) {
	if entry.Kind == outbox.KindTest || entry.Kind == outbox.KindResubscribe {
		return time.Time{}, false
	}
	if p.unread != nil && (p.unread.LetThrough || (p.unread.Urgent && p.preferences.LetThroughUrgent())) {
		return time.Time{}, false
	}
	start, end := outbox.QuietHours(p.preferences)
	hours, err := quiethours.Parse(start, end, p.member.TimeZone())
	if err != nil { // a zone that is no longer known: better in UTC than never
		if hours, err = quiethours.Parse(start, end, ""); err != nil {
			return time.Time{}, false
		}
	}
	return hours.Until(now)
}

// quote returns who wrote, and what, if the member chose to read it outside the app. Otherwise it is empty, also if the
// text cannot be decrypted.
func (n *Notifier) quote(p *outgoing) (name, text string) {
	if !p.preferences.ShowText() || p.unread == nil || p.unread.Type != collections.TypeText {
		return "", ""
	}
	m, err := collections.FindMessage(n.app, p.unread.Message)
	if err != nil || m == nil {
		return "", ""
	}
	sender, err := collections.FindMember(n.app, m.Sender())
	if err != nil || sender == nil {
		return "", ""
	}
	if text, err = m.Unseal(n.app); err != nil {
		return "", ""
	}
	return sender.Name(), text
}
