package site

// Strategy is a way to give a changed asset a new URL.
type Strategy string

const (
	Plain              Strategy = "plain"               // /css/site.css
	QueryRelease       Strategy = "query"               // /css/site.css?v=2
	QueryHash          Strategy = "query-hash"          // /css/site.css?id=8e5c48…
	DirectoryRewritten Strategy = "directory-rewritten" // /v2/css/site.css, the server removes /v2
	Directory          Strategy = "directory"           // /v2/css/site.css, a real directory
	HashedName         Strategy = "hashed-name"         // /css/site.1442b6448fa6.css
)

// Strategies returns every strategy, from the weakest to the strongest.
func Strategies() []Strategy {
	return []Strategy{Plain, QueryRelease, QueryHash, DirectoryRewritten, Directory, HashedName}
}

// Inner says what becomes of the references inside css and scripts.
type Inner string

const (
	InnerRewritten Inner = ""     // they get the new URLs too
	InnerBare      Inner = "bare" // they stay as written, as template helpers leave them
)

// naming is how one URL carries a version.
type naming struct {
	strategy Strategy
	token    string // the version as it stands in the URL
	name     string // the URL without any version
	evidence string
}
