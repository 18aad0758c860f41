// Package e2e judges the built program from outside.
//
// It knows only what a user knows: the command, its output, and HTTP. Real
// servers stand around it: Debian's Apache with Django behind the edge, Debian's
// nginx before it, curl as a client. What a visitor was served is told from its
// bytes, never from a header: every file of every build is known by its hash.
package e2e
