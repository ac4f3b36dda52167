// Package helping holds what happens around help requests: the lines that a changed status writes into conversations, and what is
// removed with a request.
package helping
