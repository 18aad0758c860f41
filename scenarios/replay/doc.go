// Package replay plays a counterexample on values, on an edge, and over
// sockets, and says whether they agree.
package replay
