// Package front reads HTTP/1.1 off a connection, strictly, and hands on what it
// does not serve.
//
// A [Server] owns the viewers' connections. A GET, HEAD or OPTIONS without a body
// is scanned in place and offered to the [Hitter], which answers from memory or
// says that it cannot; then the [http.Handler] has its turn, still on our
// connection. Everything else (a body, Expect, Upgrade, HTTP/1.0, HTTP/2, absolute
// form, other methods) is handed to net/http's server for the rest of the
// connection's life.
//
// # Strictness
//
// What net/http refuses is refused here, too, and so is what smuggling is made
// of even where net/http is lenient: a line that ends in a bare LF, an empty or
// missing Host, Content-Length beside Transfer-Encoding or a Content-Length that
// is not plain digits, Transfer-Encoding on HTTP/1.0, a target that is neither a
// path nor an http URL. [ERR-11], [ERR-18]
//
// # Framing
//
// The Connection line and the empty line that ends a head belong to the server:
// a Hitter leaves them out, and need not know whether the connection goes on.
//
// # Memory
//
// While a connection is idle it has no buffer. A plain TCP connection waits for
// its socket to become readable before it takes one from a pool.
package front
