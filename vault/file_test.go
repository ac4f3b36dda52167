package vault

import (
	"bytes"
	"errors"
	"testing"
)

func TestASealedFileOpensWithItsSecretAndNameAlone(t *testing.T) {
	t.Parallel()
	secret, other := NewSecret(), NewSecret()
	plain := bytes.Repeat([]byte("canary"), 1000)
	box, err := SealFile(secret, "a.jpg", plain)
	if err != nil || bytes.Contains(box, []byte("canary")) {
		t.Fatalf("sealed as %q: %v", box[:40], err)
	}
	spoilt := bytes.Clone(box)
	spoilt[len(spoilt)/2] ^= 1
	for name, c := range map[string]struct {
		secret []byte
		name   string
		box    []byte
	}{
		"another secret":         {other, "a.jpg", box},
		"no secret":              {nil, "a.jpg", box},
		"another name":           {secret, "b.jpg", box},
		"a spoilt file":          {secret, "a.jpg", spoilt},
		"a file that breaks off": {secret, "a.jpg", box[:10]},
		"an empty file":          {secret, "a.jpg", nil},
	} {
		if opened, err := UnsealFile(c.secret, c.name, c.box); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: opened %d bytes, %v", name, len(opened), err)
		}
	}
	if opened, err := UnsealFile(secret, "a.jpg", box); err != nil || !bytes.Equal(opened, plain) {
		t.Errorf("opened %d bytes: %v", len(opened), err)
	}
	if again, _ := SealFile(secret, "a.jpg", plain); bytes.Equal(again, box) {
		t.Error("the same file is sealed alike twice")
	}
}
