package notifications

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/mailer"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/notifications/wording"
	"carecollective/outbox"
)

// email makes one attempt to send a mail.
func (n *Notifier) email(ctx context.Context, entry *outbox.Outgoing, now time.Time) (result, error) {
	p, why, err := n.judge(entry, now)
	if err != nil || p == nil {
		return why, err
	}
	if p.member.Email() == "" {
		return dropped("the member has no address"), nil
	}
	if n.app.Settings().SMTP.Enabled && !p.member.Reachable() {
		return dropped("the member has not confirmed the address"), nil
	}
	settings, err := readcache.Settings(n.app)
	if err != nil {
		return result{}, err
	}
	if why, stop := tooManyMails(p, entry, settings, now); stop {
		return why, nil
	}
	message, err := n.compose(p, entry)
	if err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := n.mail.SendNow(ctx, message); err != nil {
		return n.mailRefused(entry, err, now), nil
	}
	return answered(n.mailed(p, entry, now)), nil
}

// tooManyMails reports whether another mail about the same conversation, sent since this one was queued,
// has reported everything, or was sent recently.
func tooManyMails(p *outgoing, entry *outbox.Outgoing, settings *collections.SettingsRecord, now time.Time) (result, bool) {
	if p.unread == nil || p.unread.Mailed().IsZero() {
		return result{}, false
	}
	if p.unread.MailedSeq >= p.unread.Seq {
		return dropped("another mail has already reported it"), true
	}
	next := p.unread.Mailed().Add(settings.EmailAgain())
	if !next.After(now) || p.unread.Mailed().After(now) { // sent in the future: a clock was wrong
		return result{}, false
	}
	r := retry(entry, "there was another mail about this conversation recently", now)
	r.Again = next
	return r, true
}

// mailed records how far the member was notified by mail.
func (n *Notifier) mailed(p *outgoing, entry *outbox.Outgoing, now time.Time) result {
	r := sent()
	if !n.app.Settings().SMTP.Enabled {
		r.Error = "no mail server is set: the mail is a file in the outbox of the data directory"
	}
	if p.unread != nil {
		r.also = func(app core.App) error {
			return NoteMailed(app, p.member.Id, p.notice.Conversation(), p.unread, now)
		}
	}
	if entry.Kind == outbox.KindSummary || entry.Kind == outbox.KindDigest {
		r.also = func(app core.App) error { return NoteOverview(app, p.member.Id, now) }
	}
	return r
}

// refusedMail is a mail server's refusal of one mail.
type refusedMail interface {
	error
	Permanent() bool
	NoSuchRecipient() bool
}

// mailRefused turns an error of the mail server into the result for the entry and the channel.
func (n *Notifier) mailRefused(entry *outbox.Outgoing, err error, now time.Time) result {
	var refused refusedMail
	switch {
	case !errors.As(err, &refused):
		return unreachable(entry, errors.New("the mail server cannot be reached"), now)
	case refused.NoSuchRecipient():
		r := failed(refused.Error())
		r.also = func(app core.App) error { return n.mailboxFailed(app, entry, now) }
		return answered(r)
	case refused.Permanent():
		return answered(failed(refused.Error()))
	default:
		return answered(retry(entry, refused.Error(), now))
	}
}

// mailboxFailed lets another channel replace an address that accepts no mails.
func (n *Notifier) mailboxFailed(app core.App, entry *outbox.Outgoing, now time.Time) error {
	standsIn, news, err := outbox.NoteEmailFailed(app, entry.User, now)
	if err != nil || !news {
		return err
	}
	channel := ""
	if standsIn {
		channel = collections.ChannelPush
		if err := outbox.Reroute(app, entry.User, entry.Notice, channel, now); err != nil {
			return err
		}
	}
	return n.notifyFailure(app, entry.User, channel)
}

// compose writes the mail. Neither its subject nor, unless the member chose so, its text says who has written or
// what.
func (n *Notifier) compose(p *outgoing, entry *outbox.Outgoing) (*mailer.Message, error) {
	l, err := n.letterOf(p)
	if err != nil {
		return nil, err
	}
	if l.Unsubscribe, err = n.unsubscribeLink(p.member.Id); err != nil {
		return nil, err
	}
	text, rich, err := n.words.Write(l)
	if err != nil {
		return nil, err
	}
	meta := n.app.Settings().Meta
	return &mailer.Message{
		From:    mail.Address{Name: meta.SenderName, Address: meta.SenderAddress},
		To:      []mail.Address{{Address: p.member.Email()}},
		Subject: l.Subject,
		Text:    text,
		HTML:    rich,
		Headers: n.mailHeaders(p, entry, l.Unsubscribe, domainOf(meta.SenderAddress)),
	}, nil
}

// letterOf writes what a parcel says in its member's language: in general words, since a mail passes through the hands of others.
func (n *Notifier) letterOf(p *outgoing) (wording.Letter, error) {
	lang, err := n.languageOf(p.member)
	if err != nil {
		return wording.Letter{}, err
	}
	l := wording.Letter{Language: lang, Link: n.app.Settings().Meta.AppURL}
	title, body := "", ""
	for name, into := range map[string]*string{
		"subject": &l.Subject, "open": &l.Open, "why": &l.Why, "stop": &l.Stop,
		p.kind + ".title": &title, p.kind + ".body": &body,
	} {
		if *into, err = n.words.Say(lang, name, p.facts); err != nil {
			return l, err
		}
	}
	l.Paragraphs = []string{title, body}
	if !n.app.Settings().SMTP.Enabled {
		return l, nil // it becomes a file on the disk, which must not contain texts
	}
	if name, text := n.quote(p); text != "" {
		quoted, err := n.words.Say(lang, "quote", wording.Facts{"name": name, "text": text})
		if err != nil {
			return l, err
		}
		l.Paragraphs = append(l.Paragraphs, quoted)
	}
	return l, nil
}

// languageOf is the language in which something is sent to a member: their own, else the collective's.
func (n *Notifier) languageOf(member *collections.Member) (string, error) {
	settings, err := readcache.Settings(n.app)
	if err != nil {
		return "", err
	}
	return n.words.For(member.Language(), settings.Language()), nil
}

// mailHeaders tell machines what kind of mail it is: it needs no automatic answer, a duplicate is the same mail, mails
// about one conversation belong together, and there is a way to unsubscribe.
func (n *Notifier) mailHeaders(p *outgoing, entry *outbox.Outgoing, unsubscribe, domain string) map[string]string {
	id := fmt.Sprintf("%s-%s-%d", entry.CreatedTime().UTC().Format("20060102T150405.000Z"), entry.ID, entry.Version)
	headers := map[string]string{
		"Message-ID":               "<" + id + "@" + domain + ">",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"List-Unsubscribe":         "<" + unsubscribe + ">",
		"List-Unsubscribe-Post":    "List-Unsubscribe=One-Click",
	}
	about := p.kind
	if p.notice != nil && p.notice.Conversation() != "" {
		about = p.notice.Conversation()
	}
	if thread, err := n.threadOf(p.member.Id, about); err == nil { // without it the mail is not grouped, which does no harm
		headers["References"] = "<" + thread + "@" + domain + ">"
	}
	return headers
}

func domainOf(address string) string {
	if _, domain, ok := strings.Cut(address, "@"); ok && domain != "" {
		return domain
	}
	return "localhost"
}
