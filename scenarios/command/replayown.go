package command

import (
	"fmt"

	"staleproof/scenarios/replay"
	"staleproof/scenarios/site"
)

// ownBuilds are the folders that traces are about, each read once for each way in which
// it becomes URLs.
type ownBuilds struct {
	dirs []string
	show *reading
	read map[string][]*site.Build // by base and what is stripped
}

// of is the bytes for each story of a file; nil for all if no folders are given.
func (b *ownBuilds) of(arg string, stories []replay.Story) ([]*replay.Own, error) {
	owns := make([]*replay.Own, len(stories))
	if b.dirs == nil {
		return owns, nil
	}
	for i := range stories {
		s := &stories[i]
		builds, err := b.builds(s)
		if err != nil {
			return nil, err
		}
		if owns[i], err = replay.NewOwn(s, builds); err != nil {
			return nil, usage{fmt.Errorf("%s: %w", arg, err), "give the builds that prove was given, as they were then, oldest first; without them the trace is played with made files"}
		}
	}
	return owns, nil
}

// builds are the folders as a story takes them.
func (b *ownBuilds) builds(s *replay.Story) ([]*site.Build, error) {
	place, err := s.Place()
	if err != nil {
		return nil, usage{fmt.Errorf("%s: %w", s.Name, err), "leave --before, --after and --build out"}
	}
	key := s.Deploy.Site.Base + "\n" + s.Deploy.Site.Strip
	if b.read[key] == nil {
		all, err := readAll(b.dirs, place, b.show)
		if err != nil {
			return nil, err
		}
		if b.read == nil {
			b.read = map[string][]*site.Build{}
		}
		b.read[key] = all
	}
	return b.read[key], nil
}
