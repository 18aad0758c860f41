BUILD_VERSION = 'mysite-1.1'
