module staleproof

go 1.26.8

require github.com/gregjones/httpcache v0.0.0-20190611155906-901d90724c79 // indirect
