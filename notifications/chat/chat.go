// Package chat posts one line to the collective's chat. The scheme of a URL names the service, in the
// style of shoutrrr's service URLs; the package builds the request and the caller sends it.
package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Services are the supported URLs, by scheme.
var Services = map[string]string{
	"ntfy":     "ntfy://[token@]host/topic",
	"matrix":   "matrix://access-token@host/room-id",
	"telegram": "telegram://bot-token@telegram/chat-id",
	"signal":   "signal://host/sender-number/recipient (a signal-cli-rest-api)",
	"hook":     "hook://host/path (an incoming webhook of Slack, Mattermost, Rocket.Chat, Zulip or the like)",
}

// ErrAddress is returned for an unknown chat URL.
var ErrAddress = errors.New("unknown chat webhook URL")

// Host returns the host of a URL.
func Host(address string) (string, error) {
	request, err := Request(context.Background(), address, "", "")
	if err != nil {
		return "", err
	}
	return strings.ToLower(request.URL.Hostname()), nil
}

// Request builds the request that posts text. The same id means the same line: a service that supports ids posts it once.
func Request(ctx context.Context, address, id, text string) (*http.Request, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return nil, ErrAddress
	}
	path := strings.Trim(at.Path, "/")
	if path == "" {
		return nil, fmt.Errorf("%w: it names no room or topic", ErrAddress)
	}
	switch at.Scheme {
	case "ntfy":
		return plain(ctx, at, path, text)
	case "matrix":
		to := "https://" + at.Host + "/_matrix/client/v3/rooms/" + url.PathEscape(path) + "/send/m.room.message/" + url.PathEscape(id)
		return object(ctx, http.MethodPut, to, token(at), map[string]any{"msgtype": "m.notice", "body": text})
	case "telegram":
		to := "https://api.telegram.org/bot" + secret(at) + "/sendMessage"
		return object(ctx, http.MethodPost, to, "", map[string]any{"chat_id": path, "text": text})
	case "signal":
		sender, recipient, _ := strings.Cut(path, "/")
		return object(ctx, http.MethodPost, "https://"+at.Host+"/v2/send", token(at),
			map[string]any{"number": sender, "recipients": []string{recipient}, "message": text})
	case "hook":
		to := url.URL{Scheme: "https", Host: at.Host, Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}
		return object(ctx, http.MethodPost, to.String(), token(at), map[string]any{"text": text})
	}
	return nil, fmt.Errorf("%w: unknown service %q", ErrAddress, at.Scheme)
}

// secret is the part before the @ of a URL. It may contain a colon, as in Telegram's tokens.
func secret(at *url.URL) string {
	if at.User == nil {
		return ""
	}
	if more, ok := at.User.Password(); ok {
		return at.User.Username() + ":" + more
	}
	return at.User.Username()
}

func token(at *url.URL) string {
	if s := secret(at); s != "" {
		return "Bearer " + s
	}
	return ""
}

func plain(ctx context.Context, at *url.URL, topic, text string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+at.Host+"/"+url.PathEscape(topic), strings.NewReader(text))
	if err != nil {
		return nil, ErrAddress // the cause would repeat a secret
	}
	return authorized(request, token(at)), nil
}

func object(ctx context.Context, method, to, authorization string, body map[string]any) (*http.Request, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, to, bytes.NewReader(encoded))
	if err != nil {
		return nil, ErrAddress
	}
	request.Header.Set("Content-Type", "application/json")
	return authorized(request, authorization), nil
}

func authorized(request *http.Request, authorization string) *http.Request {
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	return request
}
