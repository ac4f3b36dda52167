package notifications

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	webpushgo "github.com/SherClockHolmes/webpush-go"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/notifications/egress"
	"carecollective/notifications/webpush"
	"carecollective/outbox"
)

const (
	// recordSize is the size of every push message, so that its length reveals nothing. What
	// remains for the payload is less by the headers of RFC 8188.
	recordSize  = 3072
	payloadMost = recordSize - 16 - 86 - 1

	refusalsMost = 3 // a device is deleted after this many refusals in a row
)

// payload is the contents of a push message. Name and text are included only if the member chose so.
type payload struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
	Text string `json:"text,omitempty"`
}

// push makes one attempt to reach a device.
func (n *Notifier) push(ctx context.Context, entry *outbox.Outgoing, now time.Time) (result, error) {
	device, err := collections.FindDevice(n.app, entry.Target)
	if err != nil {
		return result{}, err
	}
	if device == nil || device.User() != entry.User {
		return dropped("the device no longer exists"), nil
	}
	p, why, err := n.judge(entry, now)
	if err != nil || p == nil {
		return why, err
	}
	if known, err := n.knowsKey(entry, device); err != nil || known {
		return dropped("the device has subscribed again"), err
	}
	to, endpoint, err := n.addressOf(device)
	if err != nil {
		return result{}, err
	}
	settings, err := readcache.Settings(n.app)
	if err != nil {
		return result{}, err
	}
	if to == nil || !webpush.AllowedEndpoint(endpoint, settings.PushHosts()) {
		return n.forget(entry, device, "its push service is not allowed", now), nil
	}
	options, err := n.pushOptions(entry, device, p, now)
	if err != nil {
		return result{}, err
	}
	response, err := webpushgo.SendNotificationWithContext(ctx, n.payloadOf(p), to, options)
	if err != nil {
		return unreachable(entry, err, now), nil
	}
	defer func() { _ = response.Body.Close() }() // the answer is read as far as it is wanted
	_, _ = io.CopyN(io.Discard, response.Body, egress.Most)
	return answered(n.understand(entry, device, response, now)), nil
}

// addressOf decrypts the endpoint and keys of a device; nil if that is no longer possible.
func (n *Notifier) addressOf(device *collections.Device) (*webpushgo.Subscription, string, error) {
	values := map[string]string{}
	for _, name := range collections.DeviceSecrets {
		value, err := device.Secret(n.app, name)
		if collections.Unreadable(err) || (err == nil && value == "") {
			return nil, "", nil
		}
		if err != nil {
			return nil, "", err
		}
		values[name] = value
	}
	return &webpushgo.Subscription{
		Endpoint: values["endpoint"], Keys: webpushgo.Keys{P256dh: values["p256dh"], Auth: values["auth"]},
	}, values["endpoint"], nil
}

func (n *Notifier) pushOptions(entry *outbox.Outgoing, device *collections.Device, p *outgoing, now time.Time) (*webpushgo.Options, error) {
	key, err := keyOf(n.app, device)
	if err != nil {
		return nil, err
	}
	private, err := key.Private(n.app)
	if err != nil {
		return nil, err
	}
	urgency := webpushgo.UrgencyNormal
	if p.unread != nil {
		urgency = webpushgo.UrgencyHigh // someone waits for an answer
	}
	return &webpushgo.Options{
		HTTPClient:      n.client,
		RecordSize:      recordSize,
		Subscriber:      contactOf(n.app),
		Topic:           topicOf(entry),
		TTL:             int(entry.ExpiresTime().Sub(now).Seconds()),
		Urgency:         urgency,
		VAPIDPublicKey:  key.Public,
		VAPIDPrivateKey: private,
	}, nil
}

// knowsKey reports whether a device that was asked to subscribe with the current key has done so.
func (n *Notifier) knowsKey(entry *outbox.Outgoing, device *collections.Device) (bool, error) {
	if entry.Kind != outbox.KindResubscribe {
		return false, nil
	}
	current, err := collections.CurrentKey(n.app, collections.KeyPush)
	return current != nil && current.ID == device.Key(), err
}

// keyOf is the key that the device knows.
func keyOf(app core.App, device *collections.Device) (key *collections.Key, err error) {
	if device.Key() != "" {
		if key, err = collections.FindKey(app, device.Key()); err != nil {
			return nil, err
		}
	}
	if key == nil {
		if key, err = collections.CurrentKey(app, collections.KeyPush); err != nil {
			return nil, err
		}
	}
	if key == nil {
		return nil, outbox.ErrNoKey
	}
	return key, nil
}

// contactOf returns the contact address for push services.
func contactOf(app core.App) string {
	meta := app.Settings().Meta
	if strings.HasPrefix(meta.AppURL, "https:") {
		return meta.AppURL
	}
	return meta.SenderAddress
}

// topicOf is the same for messages that replace each other: a waiting message at the push service is replaced, so that
// a returning device shows it once, even if we were not sure whether it was sent.
func topicOf(entry *outbox.Outgoing) string {
	about := entry.Notice
	if about == "" {
		about = entry.Kind
	}
	sum := sha256.Sum256([]byte(entry.Target + ":" + about))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:32]
}

func (n *Notifier) payloadOf(p *outgoing) []byte {
	said := payload{Type: p.kind}
	if p.kind == outbox.KindResubscribe {
		said.Type = "resubscribe"
	}
	if p.notice != nil {
		said.ID = p.notice.Id
	}
	said.Name, said.Text = n.quote(p)
	for {
		encoded, err := json.Marshal(said)
		if err == nil && len(encoded) <= payloadMost {
			return encoded
		}
		if said.Text == "" {
			said.Name = "" // a name of this length is not a real one
		}
		said.Text = shorten(said.Text, len(encoded)-payloadMost)
	}
}

// shorten cuts at least so many bytes off the end of a text, between characters.
func shorten(text string, by int) string {
	keep := max(len(text)-max(by, 1)-len("…"), 0)
	for keep > 0 && !utf8.RuneStart(text[keep]) {
		keep--
	}
	if keep == 0 {
		return ""
	}
	return text[:keep] + "…"
}

// understand turns the answer of a push service into the result for the entry and the device.
func (n *Notifier) understand(entry *outbox.Outgoing, device *collections.Device, response *http.Response, now time.Time) result {
	why := fmt.Sprintf("the push service answered %d", response.StatusCode)
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return n.reached(entry, device, now)
	case code == http.StatusNotFound || code == http.StatusGone:
		return n.forget(entry, device, why, now)
	case code == http.StatusTooManyRequests || code >= 500:
		return postponed(entry, why, response, now)
	case code == http.StatusUnauthorized || code == http.StatusForbidden: // our key or our clock is wrong, not the device
		return retry(entry, why, now)
	default: // our message is wrong for this device, or it is a redirect
		return n.refused(entry, device, why, now)
	}
}

func (n *Notifier) reached(entry *outbox.Outgoing, device *collections.Device, now time.Time) result {
	r := sent()
	r.also = func(app core.App) error {
		if entry.Kind == outbox.KindResubscribe {
			_, err := device.Forget(app)
			return err
		}
		return device.NoteReached(app, now)
	}
	return r
}

// forget deletes a device that no longer exists. If it was the member's last, another channel replaces it.
func (n *Notifier) forget(entry *outbox.Outgoing, device *collections.Device, why string, now time.Time) result {
	r := failed(why)
	r.also = func(app core.App) error { return n.forgetIn(app, entry, device, now) }
	return r
}

func (n *Notifier) forgetIn(app core.App, entry *outbox.Outgoing, device *collections.Device, now time.Time) error {
	last, err := device.Forget(app)
	if err != nil || !last || entry.Kind == outbox.KindResubscribe {
		return err
	}
	standsIn, news, err := outbox.NoteDevicesFailed(app, device.User())
	if err != nil || !news {
		return err
	}
	channel := ""
	if standsIn {
		channel = collections.ChannelEmail
		if err := outbox.Reroute(app, entry.User, entry.Notice, channel, now); err != nil {
			return err
		}
	}
	return n.notifyFailure(app, device.User(), channel)
}

// refused counts refusals by a push service. A single one may be their error; after several in a row the
// device is deleted.
func (n *Notifier) refused(entry *outbox.Outgoing, device *collections.Device, why string, now time.Time) result {
	r := failed(why)
	r.also = func(app core.App) error {
		refusals, err := device.NoteRefused(app)
		if err != nil || refusals < refusalsMost {
			return err
		}
		return n.forgetIn(app, entry, device, now)
	}
	return r
}

// notifyFailure notifies the member in the app that a channel has failed permanently, and which one replaces it.
func (n *Notifier) notifyFailure(app core.App, user, standIn string) error {
	member, err := collections.FindMember(app, user)
	if err != nil || member == nil {
		return err
	}
	what := collections.Facts{collections.FactWhat: standIn}
	notice, err := collections.NewNotice(app, user, collections.NoticeChannelFailed, what, collections.Subject{Type: collections.SubjectPreferences})
	if err != nil {
		return err
	}
	return app.SaveNoValidate(notice)
}
