package notifications

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/readcache"
	"carecollective/outbox"
)

// unsubscribePath is the target of the link in a mail. It works without signing in, switches mails off for one member, and can
// do nothing else.
const unsubscribePath = "/api/notifications/unsubscribe"

// linkLasts is how long the link in a mail works.
const linkLasts = 400 * 24 * time.Hour

func (n *Notifier) bindLinks(e *core.ServeEvent) {
	e.Router.GET(unsubscribePath, n.askUnsubscribe)
	e.Router.POST(unsubscribePath, n.unsubscribe)
}

// sign is a code that only the server can make, for one purpose.
func (n *Notifier) sign(purpose string, parts ...string) ([]byte, error) {
	key, err := collections.CurrentKey(n.app, collections.KeyLinks)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, outbox.ErrNoKey
	}
	secret, err := key.Private(n.app)
	if err != nil {
		return nil, err
	}
	code := hmac.New(sha256.New, []byte(secret))
	code.Write([]byte(purpose + "\x00" + strings.Join(parts, "\x00")))
	return code.Sum(nil), nil
}

// threadOf returns an id for mails that belong together, without revealing what they are about.
func (n *Notifier) threadOf(member, about string) (string, error) {
	code, err := n.sign("thread", member, about)
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(code[:12]), nil
}

func (n *Notifier) unsubscribeLink(member string) (string, error) {
	at := strconv.FormatInt(time.Now().Unix(), 36)
	code, err := n.sign("unsubscribe", member, at)
	if err != nil {
		return "", err
	}
	token := member + "." + at + "." + base64.RawURLEncoding.EncodeToString(code)
	return strings.TrimRight(n.app.Settings().Meta.AppURL, "/") + unsubscribePath + "?token=" + url.QueryEscape(token), nil
}

// memberOf returns the member for whom a token was made; "" for an invalid or expired token.
func (n *Notifier) memberOf(token string, now time.Time) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", nil
	}
	made, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return "", nil
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return "", nil
	}
	code, err := n.sign("unsubscribe", parts[0], parts[1])
	if err != nil {
		return "", err
	}
	if !hmac.Equal(code, given) || now.Sub(time.Unix(made, 0)) > linkLasts {
		return "", nil
	}
	return parts[0], nil
}

// unsubscribe answers POST: from the page below, or directly from a mail program (RFC 8058).
func (n *Notifier) unsubscribe(e *core.RequestEvent) error {
	member, err := n.linked(e)
	if err != nil {
		return err
	}
	if member == nil {
		return n.page(e, http.StatusBadRequest, "", "stop_broken", "")
	}
	err = e.App.RunInTransaction(func(txApp core.App) error { // what the member changes meanwhile stays
		preferences, err := collections.FindPreferences(txApp, member.Id)
		if err != nil || preferences == nil {
			return err
		}
		preferences.RefuseEmail()
		return txApp.Save(preferences)
	})
	if err != nil {
		return err
	}
	return n.page(e, http.StatusOK, member.Language(), "stopped", "")
}

// askUnsubscribe answers GET with a page that asks: programs that scan mails follow links, and must change nothing.
func (n *Notifier) askUnsubscribe(e *core.RequestEvent) error {
	member, err := n.linked(e)
	if err != nil {
		return err
	}
	if member == nil {
		return n.page(e, http.StatusBadRequest, "", "stop_broken", "")
	}
	return n.page(e, http.StatusOK, member.Language(), "stop_ask", "stop_button")
}

// linked finds the member for whom the link was made; nil if the link is invalid.
func (n *Notifier) linked(e *core.RequestEvent) (*collections.Member, error) {
	id, err := n.memberOf(e.Request.URL.Query().Get("token"), time.Now())
	if err != nil || id == "" {
		return nil, err
	}
	return collections.FindMember(n.app, id)
}

// page answers with a page in the language of the member, else of the browser, else of the collective.
func (n *Notifier) page(e *core.RequestEvent, status int, language, says, button string) error {
	settings, err := readcache.Settings(e.App)
	if err != nil {
		return err
	}
	lang := n.words.For(language, e.Request.Header.Get("Accept-Language"), settings.Language())
	said, err := n.words.Say(lang, says, nil)
	if err != nil {
		return err
	}
	label := ""
	if button != "" {
		if label, err = n.words.Say(lang, button, nil); err != nil {
			return err
		}
	}
	rich, err := n.words.Page(lang, said, label)
	if err != nil {
		return err
	}
	e.Response.Header().Set("Cache-Control", "no-store")
	e.Response.Header().Set("Referrer-Policy", "no-referrer")
	return e.HTML(status, rich)
}
