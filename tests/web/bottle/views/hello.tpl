<title>Hello</title>
% for part in name.split():
<p>{{part}}</p>
% end
