package front

import "time"

// Defaults of a Server.
const (
	defaultHeaderBytes   = 32 << 10 // [LIM-04]
	defaultHeaderTimeout = 10 * time.Second
	defaultIdleTimeout   = 60 * time.Second
	defaultWriteTimeout  = 30 * time.Second
	defaultBodyTimeout   = 30 * time.Second
	largestSlack         = time.Second
	http1Slop            = 4 << 10 // net/http reads this much more than its MaxHeaderBytes
)

var noTime time.Time

func (s *Server) maxHeaderBytes() int {
	if s.MaxHeaderBytes > 0 {
		return s.MaxHeaderBytes
	}
	return defaultHeaderBytes
}

func (s *Server) readHeaderTimeout() time.Duration {
	return orDefault(s.ReadHeaderTimeout, defaultHeaderTimeout)
}

func (s *Server) idleTimeout() time.Duration { return orDefault(s.IdleTimeout, defaultIdleTimeout) }

func (s *Server) writeTimeout() time.Duration { return orDefault(s.WriteTimeout, defaultWriteTimeout) }

func (s *Server) bodyTimeout() time.Duration { return orDefault(s.BodyTimeout, defaultBodyTimeout) }

// orDefault is 0 for "for ever".
func orDefault(d, standard time.Duration) time.Duration {
	if d == 0 {
		return standard
	}
	return max(0, d)
}

// slack is how inexact a deadline may be, so that a busy connection sets few.
func slack(timeout time.Duration) time.Duration { return min(largestSlack, timeout/2) }
