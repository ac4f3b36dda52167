package server

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// lossFile is where a start records what it found missing, because opening the database destroys the evidence.
const lossFile = "losses.txt"

// Losses returns what earlier starts found missing in the data directory, until the operator removes the file.
func Losses(dataDir string) ([]string, error) {
	path := filepath.Join(dataDir, lossFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the losses found earlier: %w", err)
	}
	var losses []string
	for line := range strings.Lines(string(text)) {
		losses = append(losses, fmt.Sprintf("%s Restore a backup, or accept the loss by removing %s", strings.TrimSpace(line), path))
	}
	return losses, nil
}

// noteLoss checks the log of a database that nobody has opened yet, and records if its end is missing. It
// returns what it found, in one line; an empty line when nothing is known to be missing.
func noteLoss(dataDir string, now time.Time) (string, error) {
	missing, err := missingCommits(filepath.Join(dataDir, "data.db"))
	if err != nil || !missing {
		return "", err
	}
	line := fmt.Sprintf("%s: the end of the database's log is torn, so the newest acknowledged messages are missing.", now.UTC().Format(time.DateTime))
	file, err := os.OpenFile(filepath.Join(dataDir, lossFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return line, fmt.Errorf("record what is missing: %w", err)
	}
	_, err = fmt.Fprintln(file, line)
	return line, errors.Join(err, file.Sync(), file.Close())
}

// missingCommits compares SQLite's log with two witnesses of what was once in it: the index that processes share
// beside it, which outlives a kill, and commits that stand behind a frame that cannot be read.
// The formats are those of https://sqlite.org/walformat.html.
func missingCommits(database string) (bool, error) {
	log, err := readIfThere(database + "-wal")
	if err != nil {
		return false, err
	}
	index, err := readIfThere(database + "-shm")
	if err != nil {
		return false, err
	}
	committed, torn := readLog(log)
	return torn || indexKnowsMore(index, log, committed), nil
}

func readIfThere(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the database's log: %w", err)
	}
	return content, nil
}

const (
	logHeader   = 32
	frameHeader = 24
)

// readLog counts the frames up to the last commit that can be read, and reports whether another commit of the same log
// stands behind a frame that cannot.
func readLog(log []byte) (committed uint32, torn bool) {
	if len(log) < logHeader {
		return 0, false
	}
	var order binary.ByteOrder = binary.LittleEndian
	if binary.BigEndian.Uint32(log)&1 == 1 {
		order = binary.BigEndian
	}
	frameSize := frameHeader + int(binary.BigEndian.Uint32(log[8:]))
	salt := log[16:24]
	sum := checksum{order: order}
	sum.add(log[:24])
	readable := true
	number := uint32(0)
	for frames := log[logHeader:]; len(frames) >= frameSize; frames = frames[frameSize:] {
		frame := frames[:frameSize]
		if !bytes.Equal(frame[8:16], salt) {
			break // left over from before the log was restarted
		}
		number++
		sum.add(frame[:8])
		sum.add(frame[frameHeader:])
		readable = readable && sum.is(frame[16:24])
		if commits := binary.BigEndian.Uint32(frame[4:]) != 0; commits && readable {
			committed = number
		} else if commits {
			return committed, true
		}
	}
	return committed, false
}

// checksum is SQLite's cumulative checksum of a log.
type checksum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (c *checksum) add(words []byte) {
	for ; len(words) >= 8; words = words[8:] {
		c.s0 += c.order.Uint32(words) + c.s1
		c.s1 += c.order.Uint32(words[4:]) + c.s0
	}
}

func (c *checksum) is(stored []byte) bool {
	return binary.BigEndian.Uint32(stored) == c.s0 && binary.BigEndian.Uint32(stored[4:]) == c.s1
}

// indexKnowsMore reports whether the shared index has seen commits that are neither in the log nor copied into the
// database. An index of another log knows nothing about this one.
func indexKnowsMore(index, log []byte, committed uint32) bool {
	if len(index) < 136 || index[12] == 0 || !bytes.Equal(index[:48], index[48:96]) {
		return false
	}
	if len(log) >= logHeader && !bytes.Equal(index[32:40], log[16:24]) {
		return false
	}
	seen := binary.NativeEndian.Uint32(index[16:])
	copied := binary.NativeEndian.Uint32(index[96:])
	return seen > max(committed, copied)
}
