package command

import (
	"fmt"

	"staleproof/proxy/control/cloudfront"
	"staleproof/proxy/distribution"
)

// cloudFront opens CloudFront's own API over what is served.
func (s *server) cloudFront() (err error) {
	o := cloudfront.Options{Network: s.network, Now: s.clock.Now, Arrange: s.arrange, Note: s.note}
	if s.state != nil {
		o.Keep = s.state
	}
	if s.api, err = cloudfront.New(o); err != nil && s.state != nil {
		return Usagef("mend the file, or remove it to begin without what it keeps", "--state: %w", err)
	}
	return err
}

// arrange sends the origins of a distribution that came by that API to their
// places.
func (s *server) arrange(d *distribution.Distribution) error {
	for i := range d.Origins {
		if at, ok := s.places.of(&d.Origins[i]); ok {
			d.Origins[i].URL = at.url
		}
	}
	return nil
}

// note says what a request to that API asked for in vain.
func (s *server) note(id string, n distribution.Note) {
	fmt.Fprintf(s.errors, "staleproof: note: %s: %s: %s\n", id, n.Path, n.Message)
}
