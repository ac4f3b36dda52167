package vault

import (
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// ErrForged is the error of [Vault.CheckSignature] for a signature that the key store has not made.
var ErrForged = errors.New("the signature is not of this key store")

// Signature says that the key store has seen a chain of entries as it was at a time: how long it was, and the hash of its last entry.
type Signature struct {
	Subject  string // which chain
	Position int
	Hash     string
	At       time.Time
	Signer   int // the version of the key that signed
	Value    []byte
}

// signer is an Ed25519 key of the key store, whose private half lies wrapped in it like a data key.
type signer struct {
	version int
	public  ed25519.PublicKey
	row     wrappedKey
}

// signerScope takes the place of a scope in what the private half is bound to.
const signerScope = "signer"

// Sign signs the end of a chain and keeps the signature. One that says the same as the last is not made again.
func (v *Vault) Sign(subject string, position int, hash string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	last, err := v.store.lastSignature(subject, -1)
	if err != nil {
		return fmt.Errorf("read the last signature: %w", err)
	}
	if last != nil && last.Position == position && last.Hash == hash {
		return nil
	}
	s, err := v.signer()
	if err != nil {
		return fmt.Errorf("find the key for signatures: %w", err)
	}
	key, err := v.openSigner(s)
	if err != nil {
		return fmt.Errorf("open the key for signatures: %w", err)
	}
	defer clear(key)
	made := Signature{Subject: subject, Position: position, Hash: hash, At: time.Now().Truncate(time.Second), Signer: s.version}
	made.Value = ed25519.Sign(ed25519.NewKeyFromSeed(key), v.signed(made))
	if err := v.store.addSignature(made); err != nil {
		return fmt.Errorf("keep a signature: %w", err)
	}
	return nil
}

// Signed returns the newest signature of a chain, or the newest for at most upTo entries unless upTo is negative; nil if there is
// none.
func (v *Vault) Signed(subject string, upTo int) (*Signature, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	found, err := v.store.lastSignature(subject, upTo)
	if err != nil {
		return nil, fmt.Errorf("read the last signature: %w", err)
	}
	return found, nil
}

// Signatures passes on all stored signatures of a chain, the newest first. do may use the vault.
func (v *Vault) Signatures(subject string, do func(Signature) error) error {
	v.mu.Lock()
	kept, err := v.store.signatures(subject)
	v.mu.Unlock()
	if err != nil {
		return fmt.Errorf("read the signatures: %w", err)
	}
	for _, s := range kept {
		if err := do(s); err != nil {
			return err
		}
	}
	return nil
}

// CheckSignature checks that the key store made a signature, by the public half alone. The public half itself is checked against the
// wrapped private one, which nobody makes without the master key.
func (v *Vault) CheckSignature(s Signature) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	by, err := v.store.findSigner(s.Signer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	key, err := v.openSigner(by)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForged, err)
	}
	defer clear(key)
	public, _ := ed25519.NewKeyFromSeed(key).Public().(ed25519.PublicKey)
	if !public.Equal(by.public) || !ed25519.Verify(by.public, v.signed(s), s.Value) {
		return ErrForged
	}
	return nil
}

// signed is what a signature is over.
func (v *Vault) signed(s Signature) []byte {
	return associated("signature v1", v.id, s.Subject, strconv.Itoa(s.Position), s.Hash, strconv.FormatInt(s.At.Unix(), 10), strconv.Itoa(s.Signer))
}

// signer answers the newest key for signatures, and makes the first. The caller holds the lock.
func (v *Vault) signer() (signer, error) {
	s, err := v.store.findSigner(0)
	if !errors.Is(err, errNoKey) {
		return s, err
	}
	version, _, err := v.store.newestMaster()
	if err != nil {
		return signer{}, err
	}
	m, err := v.master(version)
	if err != nil {
		return signer{}, err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return signer{}, err
	}
	defer clear(private)
	row := m.wrap(wrappedKey{id: hex.EncodeToString(public), scope: signerScope, month: "1"}, private.Seed())
	if err := v.store.addSigner(signer{1, public, row}); err != nil {
		return signer{}, err
	}
	return v.store.findSigner(0)
}

// openSigner answers the seed of a key for signatures, which the caller clears.
func (v *Vault) openSigner(s signer) ([]byte, error) {
	m, err := v.master(s.row.master)
	if err != nil {
		return nil, err
	}
	return m.openKey(s.row)
}

// rewrapSigners wraps the keys for signatures with another master key.
func (v *Vault) rewrapSigners(to master) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for version := 1; ; version++ {
		s, err := v.store.findSigner(version)
		if errors.Is(err, errNoKey) {
			return nil
		}
		if err != nil {
			return err
		}
		if s.row.master == to.version {
			continue
		}
		from, err := v.master(s.row.master)
		if err != nil {
			return err
		}
		row, err := from.rewrap(s.row, to)
		if err != nil {
			return err
		}
		if _, err := v.store.db.Exec("UPDATE signers SET master = ?, box = ? WHERE version = ?", row.master, row.box, version); err != nil {
			return err
		}
	}
}

// findSigner reads the key for signatures of a version, the newest for 0.
func (s *store) findSigner(version int) (found signer, err error) {
	err = s.db.QueryRow("SELECT version, public, master, box FROM signers WHERE version = ?1 OR ?1 = 0 ORDER BY version DESC LIMIT 1", version).
		Scan(&found.version, &found.public, &found.row.master, &found.row.box)
	if errors.Is(err, sql.ErrNoRows) {
		return found, errNoKey
	}
	if err == nil && len(found.public) != ed25519.PublicKeySize {
		err = errors.New("the key for signatures is damaged")
	}
	found.row.id, found.row.scope, found.row.month = hex.EncodeToString(found.public), signerScope, strconv.Itoa(found.version)
	return found, err
}

// addSigner stores a key for signatures, unless another process was first or a rotation has begun.
func (s *store) addSigner(new signer) error {
	_, err := s.db.Exec(`INSERT OR IGNORE INTO signers (version, public, master, box)
		SELECT ?1, ?2, ?3, ?4 WHERE ?3 = (SELECT max(version) FROM masters)`, new.version, []byte(new.public), new.row.master, new.row.box)
	return err
}

// lastSignature reads the newest signature of a subject, or the newest of at most so many entries; nil for none.
func (s *store) lastSignature(subject string, upTo int) (*Signature, error) {
	found, at := &Signature{Subject: subject}, int64(0)
	err := s.db.QueryRow(`SELECT position, hash, at, signer, signature FROM signatures
		WHERE subject = ?1 AND (?2 < 0 OR position <= ?2) ORDER BY id DESC LIMIT 1`, subject, upTo).
		Scan(&found.Position, &found.Hash, &at, &found.Signer, &found.Value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	found.At = time.Unix(at, 0)
	return found, err
}

// signatures reads those of a subject, the newest first: some thousands at most.
func (s *store) signatures(subject string) ([]Signature, error) {
	rows, err := s.db.Query("SELECT position, hash, at, signer, signature FROM signatures WHERE subject = ? ORDER BY id DESC", subject)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Signature
	for rows.Next() {
		one, at := Signature{Subject: subject}, int64(0)
		if err := rows.Scan(&one.Position, &one.Hash, &at, &one.Signer, &one.Value); err != nil {
			return nil, err
		}
		one.At = time.Unix(at, 0)
		found = append(found, one)
	}
	return found, rows.Err()
}

// dayOfSignatures is how long every signature is kept. Of older ones the last of each day stays.
const dayOfSignatures = 24 * 60 * 60

func (s *store) addSignature(new Signature) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it has nothing to do
	at := new.At.Unix()
	if _, err := tx.Exec("INSERT INTO signatures (subject, position, hash, at, signer, signature) VALUES (?, ?, ?, ?, ?, ?)",
		new.Subject, new.Position, new.Hash, at, new.Signer, new.Value); err != nil {
		return err
	}
	_, err = tx.Exec(`DELETE FROM signatures WHERE subject = ?1 AND at / ?3 = (?2 - 2 * ?3) / ?3
		AND id < (SELECT max(id) FROM signatures WHERE subject = ?1 AND at / ?3 = (?2 - 2 * ?3) / ?3)`, new.Subject, at, dayOfSignatures)
	if err != nil {
		return err
	}
	return tx.Commit()
}
