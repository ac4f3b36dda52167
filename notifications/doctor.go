package notifications

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	webpushgo "github.com/SherClockHolmes/webpush-go"
	"github.com/pocketbase/pocketbase/core"

	"carecollective/collections"
	"carecollective/outbox"
)

// probes are addresses at the known push services that belong to no device: each service that can be reached answers so.
var probes = []string{
	"https://fcm.googleapis.com/fcm/send/doctor",
	"https://updates.push.services.mozilla.com/wpush/v2/doctor",
	"https://web.push.apple.com/doctor",
	"https://wns2-par02p.notify.windows.com/w/?token=doctor",
}

// TryPush sends a real message to the push services, for a device that does not exist, encrypted and signed like any other.
// It returns the problems, one per line; a service that answers and does not refuse our key is fine.
func TryPush(ctx context.Context, app core.App, client *http.Client) ([]string, error) {
	key, err := collections.CurrentKey(app, collections.KeyPush)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return []string{outbox.ErrNoKey.Error()}, nil
	}
	private, err := key.Private(app)
	if err != nil {
		return []string{"the key of push notifications cannot be decrypted: restore the keys that belong to this data"}, nil //nolint:nilerr // it is the finding
	}
	to, err := nobody()
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, endpoint := range probes {
		to.Endpoint = endpoint
		response, err := webpushgo.SendNotificationWithContext(ctx, []byte(`{"type":"test","id":""}`), to, &webpushgo.Options{
			HTTPClient: client, RecordSize: recordSize, Subscriber: contactOf(app), TTL: 1,
			VAPIDPublicKey: key.Public, VAPIDPrivateKey: private,
		})
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s cannot be reached (%s)", collections.HostOf(endpoint), reasonOf(err)))
			continue
		}
		_ = response.Body.Close() // the answer is not needed
		if response.StatusCode >= 500 {
			wrong = append(wrong, fmt.Sprintf("%s answered %d", collections.HostOf(endpoint), response.StatusCode))
		}
	}
	return wrong, nil
}

// nobody is a subscription with real keys and without a device.
func nobody() (*webpushgo.Subscription, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, errors.New("a test key could not be created")
	}
	encode := base64.RawURLEncoding.EncodeToString
	return &webpushgo.Subscription{Keys: webpushgo.Keys{P256dh: encode(key.PublicKey().Bytes()), Auth: encode(make([]byte, 16))}}, nil
}

// probePatience is how long the doctor waits for all of them.
const probePatience = 30 * time.Second

// Examine is [TryPush] with the guarded client, for as long as a doctor may take.
func Examine(app core.App) ([]string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), probePatience)
	defer cancel()
	return TryPush(ctx, app, guarded())
}
