// Package process holds the tests that run the real program as a process of its own: how it starts and stops, what its commands
// say, what is left after it was killed, and how it holds out under load. The program is built once for all of them.
package process
