// Package front reads HTTP off a connection, strictly, and hands on what it does
// not serve.
//
// A [Server] owns the viewers' connections. A GET, HEAD or OPTIONS without a body
// is scanned in place and offered to the [Hitter], which answers from memory or
// says that it cannot; then the [http.Handler] has its turn, still on our
// connection. Everything else (a body, Expect, Upgrade, HTTP/1.0, absolute form,
// other methods) is handed to net/http's server for the rest of the connection's
// life; what is no request by our reading does not reach it.
//
// Over HTTP/2 all streams are ours: hits are answered where their frames are read,
// as many with one write as have arrived together, and every other request gets a
// goroutine for the Handler. Frames and HPACK's decoder are x/net/http2's.
//
// # Strictness
//
// What net/http refuses is refused here, too, and so is what smuggling is made
// of even where net/http is lenient: a line that ends in a bare LF, an empty or
// missing Host, Content-Length beside Transfer-Encoding or a Content-Length that
// is not plain digits, Transfer-Encoding on HTTP/1.0, a target that is neither a
// path nor an http URL. [ERR-11], [ERR-18]
//
// Over HTTP/2 there are at most 128 streams and as many handlers on a connection; a
// header block is bounded like a head; who resets a thousand streams more than he
// was answered, or has us reset them, is sent away, and who takes nothing for
// WriteTimeout, too.
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
