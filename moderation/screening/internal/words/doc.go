// Package words holds the word lists and finds their entries in a text.
package words
