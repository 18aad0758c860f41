// Package replay plays a counterexample on values, on an edge, over sockets and in a
// browser, and says whether they agree.
package replay
