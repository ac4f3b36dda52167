package mailqueue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/domodwyer/mailyak/v3"
	"github.com/pocketbase/pocketbase/tools/mailer"
	"github.com/pocketbase/pocketbase/tools/security"
)

// envelopeHeader begins each file: the sender and all recipients, including blind copies. It is removed when the mail is sent.
const envelopeHeader = "X-Envelope: "

// envelope is the SMTP envelope of a mail.
type envelope struct {
	From string   `json:"from"`
	To   []string `json:"to"`
}

// encode writes the file of a mail: the line of the envelope, then the mail in the format of RFC 5322.
func encode(m *mailer.Message) ([]byte, error) {
	head, err := json.Marshal(envelopeOf(m))
	if err != nil {
		return nil, err
	}
	body, err := compose(m).MimeBuf()
	if err != nil {
		return nil, err
	}
	return append([]byte(envelopeHeader+string(head)+"\r\n"), body.Bytes()...), nil
}

// decode parses the file of a mail.
func decode(file []byte) (e envelope, message []byte, err error) {
	line, message, _ := bytes.Cut(file, []byte("\r\n"))
	head, ok := bytes.CutPrefix(line, []byte(envelopeHeader))
	if !ok {
		return e, nil, errors.New("the mail has no envelope")
	}
	if err := json.Unmarshal(head, &e); err != nil {
		return e, nil, fmt.Errorf("read envelope: %w", err)
	}
	return e, message, nil
}

func envelopeOf(m *mailer.Message) envelope {
	e := envelope{From: m.From.Address}
	for _, list := range [][]mail.Address{m.To, m.Cc, m.Bcc} {
		for _, address := range list {
			e.To = append(e.To, address.Address)
		}
	}
	return e
}

// compose builds the mail as PocketBase's own SMTP client does.
func compose(m *mailer.Message) *mailyak.MailYak {
	yak := mailyak.New("", nil)
	yak.From(m.From.Address)
	if m.From.Name != "" {
		yak.FromName(m.From.Name)
	}
	yak.To(headerAddresses(m.To)...)
	yak.Cc(headerAddresses(m.Cc)...)
	yak.Subject(m.Subject)
	yak.HTML().Set(m.HTML)
	yak.Plain().Set(m.Text)
	if m.Text == "" {
		yak.Plain().Set(plainText(m.HTML))
	}
	setHeaders(yak, m)
	for name, content := range m.Attachments {
		yak.Attach(name, content)
	}
	for name, content := range m.InlineAttachments {
		yak.AttachInline(name, content)
	}
	return yak
}

func setHeaders(yak *mailyak.MailYak, m *mailer.Message) {
	identified := false
	for name, value := range m.Headers {
		identified = identified || strings.EqualFold(name, "Message-ID")
		yak.AddHeader(name, value)
	}
	if _, domain, ok := strings.Cut(m.From.Address, "@"); ok && !identified {
		yak.AddHeader("Message-ID", fmt.Sprintf("<%s@%s>", security.RandomString(20), domain))
	}
}

func headerAddresses(list []mail.Address) []string {
	addresses := make([]string, len(list))
	for i, a := range list {
		addresses[i] = a.Address
		if a.Name != "" {
			addresses[i] = a.String()
		}
	}
	return addresses
}
