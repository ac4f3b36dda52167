package vault

import (
	"crypto/rand"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
)

// NewSecret makes a key for files, which lie outside of the database. It is stored like any other value, sealed: when its
// seal can be opened no more, the files cannot either.
func NewSecret() []byte {
	secret := make([]byte, chacha20poly1305.KeySize)
	rand.Read(secret) // never fails
	return secret
}

// SealFile encrypts a file with a secret, and binds it to its name.
func SealFile(secret []byte, name string, plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(secret)
	if err != nil {
		return nil, fmt.Errorf("seal a file: %w", err)
	}
	return encrypt(aead, pad(plain), associated("file "+format, name)), nil
}

// UnsealFile opens what [SealFile] made with the same secret for the same name. Every error is [ErrUnreadable].
func UnsealFile(secret []byte, name string, box []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(secret)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	padded, err := decrypt(aead, box, associated("file "+format, name))
	if err != nil {
		return nil, fmt.Errorf("%w: it was changed or moved", ErrUnreadable)
	}
	return unpad(padded)
}
