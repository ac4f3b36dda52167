package notifications

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/internal/bind"
	"carecollective/notifications/chat"
	"carecollective/notifications/egress"
	"carecollective/outbox"
)

// registerOperators queues events for operators about new cases and help requests, in the transaction that writes them.
func registerOperators(app core.App) {
	app.OnRecordCreateExecute(collections.Cases).Bind(bind.At(bind.AfterWrite, "notifications.moderation_cases.create", callOperatorsOfCase))
	app.OnRecordCreateExecute(collections.HelpRequests).Bind(bind.At(bind.AfterWrite, "notifications.help_requests.create", callOperatorsOfHelpRequest("help_request.created")))
	app.OnRecordUpdateExecute(collections.HelpRequests).Bind(bind.At(bind.AfterWrite, "notifications.help_requests.update", callOperatorsOfHelpRequest("help_request.updated")))
}

func callOperatorsOfCase(e *core.RecordEvent) error {
	if err := e.Next(); err != nil {
		return err
	}
	c := collections.AsCase(e.Record)
	return outbox.NotifyOperators(e.App, collections.EventReport, outbox.OperatorNews{
		Type: c.Kind() + ".created", Data: map[string]any{"case": c.Id, "kind": c.Kind(), "urgent": c.Urgent()},
	}, time.Now())
}

func callOperatorsOfHelpRequest(what string) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		changed := collections.AsHelpRequest(e.Record).StatusChanged()
		if err := e.Next(); err != nil || !changed {
			return err
		}
		h := collections.AsHelpRequest(e.Record)
		return outbox.NotifyOperators(e.App, collections.EventHelpRequest, outbox.OperatorNews{
			Type: what, Data: map[string]any{"help_request": h.Id, "kind": h.Kind(), "urgency": h.Urgency(), "status": h.Status()},
		}, time.Now())
	}
}

// callOperator makes one attempt to reach an operator's channel.
func (n *Notifier) callOperator(ctx context.Context, entry *outbox.Outgoing, now time.Time) (result, error) {
	c, err := collections.FindOperatorChannel(n.app, entry.Target)
	if err != nil {
		return result{}, err
	}
	if c == nil {
		return dropped("the channel was removed"), nil
	}
	request, err := n.callOf(ctx, c, entry, now)
	if err != nil {
		return result{}, err
	}
	response, err := n.client.Do(request)
	if err != nil {
		return unreachable(entry, err, now), nil
	}
	defer func() { _ = response.Body.Close() }() // the answer is read as far as it is wanted
	_, _ = io.CopyN(io.Discard, response.Body, egress.Most)
	return answered(understandOperator(entry, response, now)), nil
}

func understandOperator(entry *outbox.Outgoing, response *http.Response, now time.Time) result {
	why := fmt.Sprintf("it answered %d", response.StatusCode)
	switch code := response.StatusCode; {
	case code >= 200 && code < 300:
		return sent()
	case code == http.StatusTooManyRequests || code >= 500:
		return postponed(entry, why, response, now)
	case code == http.StatusGone:
		return failed(why)
	default: // the other side may recover: it is retried until it is too late
		return retry(entry, why, now)
	}
}

func (n *Notifier) callOf(ctx context.Context, c *collections.OperatorChannel, entry *outbox.Outgoing, now time.Time) (*http.Request, error) {
	address, err := c.Address(n.app)
	if err != nil {
		return nil, err
	}
	if c.Kind() == collections.ChannelChat {
		var news outbox.OperatorNews
		if err := json.Unmarshal([]byte(entry.Payload), &news); err != nil {
			return nil, fmt.Errorf("read an entry: %w", err)
		}
		return chat.Request(ctx, address, entry.ID, sentenceOf(n.app.Settings().Meta.AppName, news))
	}
	secret, err := c.Secret(n.app)
	if err != nil {
		return nil, err
	}
	return signedCall(ctx, address, secret, entry.ID, entry.Payload, now)
}

// sentenceOf returns the sentence for a chat. It names nobody and quotes nothing.
func sentenceOf(site string, news outbox.OperatorNews) string {
	switch {
	case news.Type == "test":
		return site + ": this is a test."
	case strings.HasPrefix(news.Type, "help_request."):
		return fmt.Sprintf("%s: a help request (%v, %v) is %v.", site, news.Data["kind"], news.Data["urgency"], news.Data["status"])
	case news.Data["urgent"] == true:
		return site + ": something urgent waits for a moderator."
	default:
		return site + ": something waits for a moderator."
	}
}

// SecretPrefix begins the secret of a webhook, as Standard Webhooks has it.
const SecretPrefix = "whsec_"

// signedCall makes the call of a webhook as Standard Webhooks 1.0 has it.
func signedCall(ctx context.Context, address, secret, id, body string, now time.Time) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, errors.New("invalid webhook URL")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, SecretPrefix))
	if err != nil {
		return nil, errors.New("invalid webhook secret")
	}
	at := strconv.FormatInt(now.Unix(), 10)
	code := hmac.New(sha256.New, key)
	code.Write([]byte(id + "." + at + "." + body))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Webhook-Id", id)
	request.Header.Set("Webhook-Timestamp", at)
	request.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(code.Sum(nil)))
	return request, nil
}
