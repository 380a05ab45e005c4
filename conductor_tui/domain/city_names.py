"""Cities of the world, as workspaces are named after: lower case, ASCII, hyphens for spaces."""

from __future__ import annotations

_NAMES = """
aarhus abidjan abuja accra adelaide agadir ahmedabad albany albuquerque alexandria algiers alicante almaty amman
amsterdam anchorage ankara annecy antananarivo antwerp arequipa arles asheville asmara astana asuncion athens
atlanta auckland austin avignon baku baltimore bamako bandung bangalore bangkok barcelona bari basel beirut
belfast belgrade bergamo bergen berlin bern bilbao birmingham bishkek bogota bologna bonn bordeaux boston
brasilia bratislava bremen brest brighton brisbane bristol brno bruges brussels bucharest budapest buffalo busan
cadiz cagliari cairo calgary cali cambridge canberra cancun cardiff cartagena casablanca catania charleston
chennai chicago chisinau chongqing christchurch cincinnati cleveland cologne colombo copenhagen cordoba cork
curitiba cusco dakar dalian dallas damascus darwin delhi denver derby dhaka dijon djibouti doha douala dresden
dubai dublin dubrovnik dunedin durban dushanbe dusseldorf edinburgh edmonton eindhoven essen exeter faro fez
florence fortaleza frankfurt freiburg fremantle fukuoka funchal gaborone galway gdansk geneva genoa ghent gijon
girona glasgow gothenburg granada graz grenoble groningen guadalajara guangzhou guayaquil haifa halifax hamburg
hamilton hannover hanoi harare hartford havana helsinki hiroshima hobart hong-kong honolulu houston hyderabad
ibadan incheon indianapolis innsbruck istanbul izmir jaipur jakarta jena jerusalem johannesburg kampala kanazawa
kansas-city kathmandu katowice kazan kigali kingston kinshasa kobe kolkata kosice krakow kuala-lumpur kumasi
kunming kyoto la-paz lagos lahore lausanne leeds leipzig leon leuven libreville liege lille lima linz lisbon
liverpool ljubljana lodz lome london los-angeles luanda lubeck lublin lucerne lund lusaka luxembourg lviv lyon
maastricht madison madrid mainz malaga malmo managua manaus manchester mandalay manila mannheim maputo maribor
marrakesh marseille medellin melbourne memphis mendoza merida mexico-city miami milan milwaukee minneapolis
modena mombasa monaco monterrey montevideo montpellier montreal mumbai munich murcia muscat nagasaki nagoya
nairobi nancy nantes naples nashville nassau new-orleans new-york newcastle nice nicosia nuremberg oaxaca odense
odessa omaha oran orlando osaka oslo ottawa oulu oviedo oxford padua palermo palma panama-city paris parma perth
perugia philadelphia phnom-penh phoenix pisa pittsburgh plovdiv podgorica poitiers portland porto potsdam poznan
prague pretoria providence puebla pune quebec quito rabat raleigh ravenna recife reims rennes reykjavik riga
rimini rio-de-janeiro riyadh rome rosario rostock rotterdam rouen sacramento saint-louis salamanca salvador
salzburg samarkand san-antonio san-diego san-francisco san-jose san-juan santa-fe santander santiago
santo-domingo sao-paulo sapporo sarajevo seattle segovia sendai seoul seville shanghai sheffield shenzhen siena
singapore skopje sofia split stavanger stockholm strasbourg stuttgart surabaya suva sydney syracuse szeged
taipei tallinn tampa tampere tangier tartu tashkent tbilisi the-hague thessaloniki timisoara tirana tokyo toledo
toronto toulouse tours trento trier trieste tripoli tromso trondheim tucson tunis turin turku uppsala utrecht
valencia valletta valparaiso vancouver venice verona victoria vienna vientiane vigo vilnius warsaw washington
weimar wellington windhoek winnipeg wroclaw wurzburg yangon yerevan yokohama york zagreb zanzibar zaragoza
zurich
"""

CITIES = tuple(_NAMES.split())
