package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	format      = "v1"      // of a sealed value
	step        = 256       // sealed values have lengths in these steps, so that they do not tell how much was written
	lengthSize  = 4         // of the true length, inside the padding
	seqSize     = 8         // of a seq, behind what is bound with it
	monthFormat = "2006-01" // of the time a key is for
)

var encoding = base64.RawURLEncoding.Strict()

// Binding is what a sealed value belongs to. It is not stored with the value but must be given again to decrypt it, so a value that is
// moved to another row, sender or position can no longer be decrypted.
type Binding struct {
	Table, Record, Field, Conversation, Sender string
	Seq                                        int64
}

// dataKey seals the values of one scope and month.
type dataKey struct {
	id, scope, month string
	aead             cipher.AEAD
}

// seal makes "v1.<key id>.<base64url of nonce and ciphertext>".
func (k *dataKey) seal(b Binding, plain []byte) (string, error) {
	if uint64(len(plain)) > math.MaxUint32-step {
		return "", fmt.Errorf("%d bytes are too many to seal at once", len(plain))
	}
	return format + "." + k.id + "." + encoding.EncodeToString(encrypt(k.aead, pad(plain), k.bound(b))), nil
}

func (k *dataKey) unseal(b Binding, body []byte) ([]byte, error) {
	padded, err := decrypt(k.aead, body, k.bound(b))
	if err != nil {
		return nil, fmt.Errorf("%w: it was changed or moved", ErrUnreadable)
	}
	return unpad(padded)
}

// bound is the associated data of a value.
func (k *dataKey) bound(b Binding) []byte {
	data := associated("value "+format, k.id, k.scope, b.Table, b.Record, b.Field, b.Conversation, b.Sender)
	return binary.BigEndian.AppendUint64(data, uint64(b.Seq)) //nolint:gosec // the bits are bound, whatever the sign
}

// parse takes a sealed value apart, strictly: only the very text that seal made is accepted.
func parse(sealed string) (id string, body []byte, err error) {
	version, rest, _ := strings.Cut(sealed, ".")
	id, text, _ := strings.Cut(rest, ".")
	if version != format || id == "" || strings.ContainsAny(text, "\r\n") { // which the decoder would skip
		return "", nil, fmt.Errorf("%w: it has an unknown form", ErrUnreadable)
	}
	if body, err = encoding.DecodeString(text); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return id, body, nil
}

// associated encodes what an encryption is bound to, each part with its length, so that no two lists give the same bytes.
func associated(parts ...string) []byte {
	size := seqSize
	for _, part := range parts {
		size += len(part) + binary.MaxVarintLen16
	}
	data := make([]byte, 0, size)
	for _, part := range parts {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}

// encrypt answers a random nonce and the ciphertext behind it.
func encrypt(aead cipher.AEAD, plain, bound []byte) []byte {
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+aead.Overhead())
	rand.Read(nonce) // never fails
	return aead.Seal(nonce, nonce, plain, bound)
}

func decrypt(aead cipher.AEAD, box, bound []byte) ([]byte, error) {
	if len(box) < aead.NonceSize() {
		return nil, fmt.Errorf("%d bytes are too short for a ciphertext", len(box))
	}
	return aead.Open(nil, box[:aead.NonceSize()], box[aead.NonceSize():], bound)
}

func pad(plain []byte) []byte {
	padded := make([]byte, (lengthSize+len(plain)+step-1)/step*step)
	binary.BigEndian.PutUint32(padded, uint32(len(plain))) //nolint:gosec // seal has checked it
	copy(padded[lengthSize:], plain)
	return padded
}

func unpad(padded []byte) ([]byte, error) {
	if len(padded) < lengthSize {
		return nil, fmt.Errorf("%w: it has no length", ErrUnreadable)
	}
	length, plain := binary.BigEndian.Uint32(padded), padded[lengthSize:]
	if uint64(length) > uint64(len(plain)) {
		return nil, fmt.Errorf("%w: its length is wrong", ErrUnreadable)
	}
	return plain[:length:length], nil
}
