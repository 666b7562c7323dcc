print "of another age"
