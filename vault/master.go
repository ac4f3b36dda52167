package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	masterMark = "carecollective-master-key"
	// masterNote is a part of the file format: a key file with another note is refused, so it is never edited.
	masterNote = "# The master key of this collective. Without it nobody can read its messages; with it and the data, anybody can.\n" +
		"# Keep a copy apart from the data and its backups, and do not edit it.\n"
)

// master wraps the data keys of one key store.
type master struct {
	version int
	store   string // the id of the key store
	aead    cipher.AEAD
}

func masterName(version int) string { return "master-v" + strconv.Itoa(version) + ".key" }

// newMaster makes the text of a key file: the note, then one line of mark, version, store, key and a checksum.
func newMaster(version int, store string) string {
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key) // never fails
	line := strings.Join([]string{masterMark, strconv.Itoa(version), store, encoding.EncodeToString(key)}, " ")
	return masterNote + line + " " + checksum(line) + "\n"
}

// checksum lets a damaged key file be told before anything is opened with it. The key's 256 random bits keep it from telling anything.
func checksum(line string) string {
	sum := sha256.Sum256([]byte(line))
	return encoding.EncodeToString(sum[:12])
}

// readMasters reads every key file of the folder.
func readMasters(dir string) (map[int]master, error) {
	paths, err := filepath.Glob(filepath.Join(escapeGlob(dir), "master-v*.key"))
	if err != nil {
		return nil, fmt.Errorf("look for master keys: %w", err)
	}
	masters := map[int]master{}
	for _, path := range paths {
		m, err := readMaster(path)
		if errors.Is(err, ErrMissingKey) { // a rotation has just put it aside
			continue
		}
		if err != nil {
			return nil, err
		}
		masters[m.version] = m
	}
	return masters, nil
}

// readMaster reads a key file, which must be private and whole.
func readMaster(path string) (master, error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return master{}, fmt.Errorf("%w: there is no %s; restore it from its backup", ErrMissingKey, path)
	}
	if err != nil {
		return master{}, fmt.Errorf("check the master key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" { // which has no such bits
		return master{}, fmt.Errorf("%w: others on this machine may read %s (mode %04o); run: chmod 400 %s", ErrExposedKey, path, info.Mode().Perm(), path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return master{}, fmt.Errorf("read the master key: %w", err)
	}
	m, err := parseMaster(string(text))
	if err != nil || masterName(m.version) != filepath.Base(path) {
		return master{}, fmt.Errorf("%w: %s is damaged or not a master key; restore it from its backup", ErrWrongKey, path)
	}
	return m, nil
}

func parseMaster(text string) (master, error) {
	line, _ := strings.CutPrefix(text, masterNote)
	fields := strings.Fields(line)
	if len(fields) != 5 || fields[0] != masterMark || fields[4] != checksum(strings.Join(fields[:4], " ")) {
		return master{}, errors.New("malformed")
	}
	version, err := strconv.Atoi(fields[1])
	if err != nil {
		return master{}, err
	}
	key, err := encoding.DecodeString(fields[3])
	if err != nil {
		return master{}, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	return master{version: version, store: fields[2], aead: aead}, err
}

// proof is a value that only this master key opens, to be kept in the store.
func (m master) proof() []byte { return encrypt(m.aead, nil, m.proofBound()) }

func (m master) proves(proof []byte) bool {
	_, err := decrypt(m.aead, proof, m.proofBound())
	return err == nil
}

func (m master) proofBound() []byte { return associated("proof v1", m.store, strconv.Itoa(m.version)) }

// wrappedKey is a data key as the store keeps it.
type wrappedKey struct {
	id, scope, month string
	master           int // the version of the master key that wraps it
	box              []byte
}

func (w wrappedKey) bound() []byte {
	return associated("key v1", w.id, w.scope, w.month, strconv.Itoa(w.master))
}

// newKey makes a random data key and wraps it.
func (m master) newKey(scope, month string) wrappedKey {
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key) // never fails
	defer clear(key)
	return m.wrap(wrappedKey{id: randomID(), scope: scope, month: month}, key)
}

// wrap answers w as the store keeps it under this master key.
func (m master) wrap(w wrappedKey, key []byte) wrappedKey {
	w.master = m.version
	w.box = encrypt(m.aead, key, w.bound())
	return w
}

// openKey answers the bare data key, which the caller clears.
func (m master) openKey(w wrappedKey) ([]byte, error) {
	key, err := decrypt(m.aead, w.box, w.bound())
	if err != nil {
		return nil, fmt.Errorf("data key %s is damaged: %w", w.id, err)
	}
	return key, nil
}

func (m master) unwrap(w wrappedKey) (*dataKey, error) {
	key, err := m.openKey(w)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("data key %s is damaged: %w", w.id, err)
	}
	return &dataKey{id: w.id, scope: w.scope, month: w.month, aead: aead}, nil
}

// randomID names a data key or a key store: 96 random bits in 16 characters.
func randomID() string {
	id := make([]byte, 12)
	rand.Read(id) // never fails
	return encoding.EncodeToString(id)
}
